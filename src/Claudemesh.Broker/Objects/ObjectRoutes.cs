using System.Text.Json;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Objects;

/// <summary>Sealed objects over REST: state, memories and summaries as members' own devices keep them.</summary>
internal static class ObjectRoutes
{
    /// <summary>A body in base64, its header and its names.</summary>
    private const int PutBytesMax = (ObjectPut.BodyBytesMax * 4 / 3) + (16 * 1024);

    private static readonly string[] Kinds = [.. Enum.GetValues<ObjectKind>().Select(kind => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()))];

    private static readonly RestParameter Kind = new("kind", $"Only of this kind: {string.Join(", ", Kinds)}.");
    private static readonly RestParameter After = new("after", "The last change that you have seen; usually 0, from the beginning.", ParameterKind.Number);
    private static readonly RestParameter Count = new("limit", "1 to 500 objects; usually 100.", ParameterKind.Number);

    public static RestRoutes MapObjects(this RestRoutes routes) => routes
        .Add(new("GET", "/objects", Operation.ReadObjects, KeyReach.Workspace,
            "Lists what changed in the workspace's objects after a change, oldest first.", ListAsync)
        {
            Query = [Kind, After, Count],
            Reply = typeof(ObjectPage),
        })
        .Add(new("PUT", "/objects", Operation.WriteObjects, KeyReach.Workspace, "Stores a revision of an object that its author has sealed.", PutAsync)
        {
            Body = typeof(ObjectPut),
            BodyBytesMax = PutBytesMax,
            Reply = typeof(ObjectStored),
            Refusals = [MeshError.RevisionConflict, MeshError.ObjectQuota, MeshError.StaleEpoch],
        });

    private static async Task ListAsync(RestCall call)
    {
        ObjectKind? kind = null;
        if (call.Text(Kind.Name, charsMax: 40) is { } word)
        {
            int index = Array.IndexOf(Kinds, word);
            if (index < 0)
            {
                await call.RefuseAsync(MeshError.InvalidArgs.With($"kind is invalid: it must be one of {string.Join(", ", Kinds)}."));
                return;
            }

            kind = Enum.GetValues<ObjectKind>()[index];
        }

        ObjectList request = new(kind, call.Number(After.Name, 0, int.MaxValue, 0), call.Number(Count.Name, 1, ObjectList.LimitMax, 100));
        await (call.Fault is { } fault ? call.RefuseAsync(fault) : call.AnswerAsync(await call.AskAsync<ObjectListHandler, ObjectList, ObjectPage>(request)));
    }

    private static async Task PutAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<ObjectPut>() is { } request)
            await call.AnswerAsync(await call.AskAsync<ObjectPutHandler, ObjectPut, ObjectStored>(request));
    }
}
