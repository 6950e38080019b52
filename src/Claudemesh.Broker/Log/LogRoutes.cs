using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>The signed log and the sealed copies of its roots over REST: with them a browser that holds its member's key is a full member.</summary>
internal static class LogRoutes
{
    /// <summary>As large as a frame: a batch of a thousand records with its copies.</summary>
    public const int BodyBytesMax = 1024 * 1024;

    private const int KeysCharsMax = 8 * (PublicKey.HexLength + 1);

    private static readonly RestParameter Scope = new("scope", "mesh, or topic/ and a topic's id; usually mesh.");
    private static readonly RestParameter After = new("after", "The seq of the last record that you hold; usually 0, for none.", ParameterKind.Number);
    private static readonly RestParameter Count = new("limit", "1 to 1,000 records; usually 1,000.", ParameterKind.Number);
    private static readonly RestParameter Keys = new("keys", "Further keys of yours, such as one before a key change, with commas between; at most 8.");

    public static RestRoutes MapLog(this RestRoutes routes) => routes
        .Add(new("GET", "/log", Operation.ReadLog, KeyReach.Workspace, "Reads the signed log of the workspace, or of a topic that you are in.", ReadAsync)
        {
            Query = [Scope, After, Count],
            Reply = typeof(LogPage),
            Refusals = [MeshError.NotFound],
        })
        .Add(new("POST", "/log", Operation.AppendLog, KeyReach.Workspace, "Appends records that members have signed, all of them or none.", AppendAsync)
        {
            Body = typeof(LogAppend),
            BodyBytesMax = BodyBytesMax,
            Reply = typeof(LogAppended),
            Refusals = [MeshError.NotFound, MeshError.LogMoved, MeshError.LogRefused, MeshError.BatchTooLarge, MeshError.BadCopy, MeshError.BadPackage],
        })
        .Add(new("GET", "/copies", Operation.ReadLog, KeyReach.Workspace,
            "Gives the roots that were sealed to your keys, and tells whose copy is missing.", ListCopiesAsync)
        {
            Query = [Scope, Keys],
            Reply = typeof(CopiesResult),
            Refusals = [MeshError.NotFound, MeshError.Forbidden],
        })
        .Add(new("POST", "/copies", Operation.AppendLog, KeyReach.Workspace,
            "Stores copies of a root that its author left, or that a member lost.", PutCopiesAsync)
        {
            Body = typeof(CopiesPut),
            BodyBytesMax = BodyBytesMax,
            Reply = typeof(CopiesStored),
            Refusals = [MeshError.NotFound, MeshError.BadCopy],
        });

    private static async Task ReadAsync(RestCall call)
    {
        LogRead request = new(ScopeOf(call), call.Number(After.Name, 0, int.MaxValue, 0), call.Number(Count.Name, 1, LogAppend.RecordsMax, LogAppend.RecordsMax));
        await (call.Fault is { } fault ? call.RefuseAsync(fault) : call.AnswerAsync(await call.AskAsync<LogReadHandler, LogRead, LogPage>(request)));
    }

    private static async Task AppendAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<LogAppend>() is { } request)
            await call.AnswerAsync(await call.AskAsync<LogAppendHandler, LogAppend, LogAppended>(request));
    }

    private static async Task ListCopiesAsync(RestCall call)
    {
        string scope = ScopeOf(call);
        string[] texts = call.Text(Keys.Name, KeysCharsMax) is { Length: > 0 } list ? list.Split(',') : [];
        List<PublicKey> keys = [];
        foreach (string text in texts)
        {
            if (!PublicKey.TryParse(text, out PublicKey key))
            {
                await call.RefuseAsync(MeshError.InvalidArgs.With("keys is invalid: each must be 64 lower-case hexadecimal digits, with commas between them."));
                return;
            }

            keys.Add(key);
        }

        await (call.Fault is { } fault
            ? call.RefuseAsync(fault)
            : call.AnswerAsync(await call.AskAsync<CopiesGetHandler, CopiesGet, CopiesResult>(new CopiesGet(scope, [.. keys]))));
    }

    private static async Task PutCopiesAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<CopiesPut>() is { } request)
            await call.AnswerAsync(await call.AskAsync<CopiesPutHandler, CopiesPut, CopiesStored>(request));
    }

    private static string ScopeOf(RestCall call) => call.Text(Scope.Name, charsMax: 200) ?? Protocol.Signing.RootReference.MeshScope;
}
