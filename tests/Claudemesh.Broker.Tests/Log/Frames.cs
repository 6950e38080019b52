using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Log;

/// <summary>Questions about logs and their answers, over bare sockets.</summary>
internal static class Frames
{
    public static async Task<JsonObject> AskAsync<T>(TestSocket socket, T request)
        where T : class, IMessage
    {
        string id = RandomBytes.NextId();
        await socket.SendAsync(request, id);
        return await socket.NextAsync($"the answer to {T.WireType}", frame => (string?)frame["_reqId"] == id);
    }

    public static async Task<TReply> AskAsync<TReply>(TestSocket socket, IRequest<TReply> request)
        where TReply : class, IMessage
    {
        JsonObject answer = request switch
        {
            LogRead read => await AskAsync<LogRead>(socket, read),
            CopiesGet get => await AskAsync<CopiesGet>(socket, get),
            CopiesPut put => await AskAsync<CopiesPut>(socket, put),
            ListMembers list => await AskAsync<ListMembers>(socket, list),
            ListBans list => await AskAsync<ListBans>(socket, list),
            ListInvites list => await AskAsync<ListInvites>(socket, list),
            _ => throw new ArgumentException(request.GetType().Name, nameof(request)),
        };
        Assert.False(TestSocket.IsType(answer, "error"), answer.ToJsonString());
        return answer.Deserialize(ProtocolJson.TypeInfo<TReply>())!;
    }

    public static Task<LogPage> ReadLogAsync(TestSocket socket, long after = 0) => AskAsync<LogPage>(socket, new LogRead("mesh", after));

    public static Task<CopiesResult> GetCopiesAsync(TestSocket socket) => AskAsync<CopiesResult>(socket, new CopiesGet("mesh"));

    public static async Task<Member[]> ListMembersAsync(TestSocket socket) => (await AskAsync<MembersList>(socket, new ListMembers())).Members;

    public static Task<JsonObject> AppendAsync(TestSocket socket, LogAppend append) => AskAsync<LogAppend>(socket, append);

    public static Task<JsonObject> AppendAsync(TestSocket socket, LogDraft draft) =>
        AppendAsync(socket, new LogAppend(draft.State.Scope, [.. draft.Records.Select(record => record.Signed)]));

    /// <summary>A record as this author would sign it, whatever the rules say.</summary>
    public static SignedRecord Sign(in LogRecordText text, MemberSecretKey author)
    {
        byte[] bytes = SignedBytes.Of(text);
        return new SignedRecord(bytes, author.Key.Sign(bytes));
    }
}
