using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Authorization;

/// <summary>
/// Every message of a socket with every role: refused as forbidden where the table says so and nowhere else. Each is sent with an object in every field, which is
/// the form of none, so that who is let in is told that, and nothing is done.
/// </summary>
public sealed class MessageWalkTests
{
    /// <summary>It has no field to be wrong, and whoever may send it is gone.</summary>
    private static readonly string Leaves = LeaveWorkspace.WireType;

    private static readonly Dictionary<string, string[]> Fields = (
        from type in typeof(IMessage).Assembly.GetTypes()
        where type is { IsAbstract: false, IsInterface: false } && typeof(IMessage).IsAssignableFrom(type)
        where typeof(INotice).IsAssignableFrom(type) || Array.Exists(type.GetInterfaces(), one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IRequest<>))
        let name = (string)type.GetProperty("WireType")!.GetValue(null)!
        let fields = type.GetProperties().Where(field => field is { CanWrite: true }).Select(field => JsonNamingPolicy.CamelCase.ConvertName(field.Name)).ToArray()
        select (name, fields)).GroupBy(one => one.name, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.First().fields, StringComparer.Ordinal);

    [Theory]
    [InlineData(MemberRole.Member)]
    [InlineData(MemberRole.Admin)]
    [InlineData(MemberRole.Owner)]
    public async Task A_member_is_let_in_where_his_role_is(MemberRole role)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        TestMember member = role is MemberRole.Owner ? mesh.OwnerMember() : await mesh.AddMemberAsync("ann", role: role is MemberRole.Admin ? "admin" : "member");
        await using TestPeer peer = await member.ConnectAsync();
        List<string> faults = [];
        foreach ((string type, Operation? operation) in Rows(mesh).Where(row => row.Value is not null && row.Key != Leaves))
        {
            bool isForbidden = await IsForbiddenAsync(peer.Socket, type);
            if (isForbidden != role < Permissions.Table[operation!.Value].LeastRole)
                faults.Add($"{type} ({operation}) is {(isForbidden ? "forbidden" : "let in")} for {role}");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Who_has_not_said_hello_gets_nowhere()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        foreach (string type in Rows(mesh).Where(row => row.Value is not null).Select(row => row.Key))
        {
            await socket.SendAsync($$"""{"type":"{{type}}","_reqId":"{{type}}"}""");
            JsonObject answer = await socket.NextAsync("a refusal", frame => (string?)frame["_reqId"] == type);
            Assert.Equal((type, "no_hello"), (type, (string?)answer["code"]));
        }
    }

    private static IReadOnlyDictionary<string, Operation?> Rows(TestMesh mesh) => mesh.Broker.Services.GetRequiredService<MessageRoutes>().Operations;

    /// <summary>What comes before the answer to a question that everybody may ask is the answer to the message, if there is any.</summary>
    private static async Task<bool> IsForbiddenAsync(TestSocket socket, string type)
    {
        string fields = string.Concat(Fields[type].Where(field => field is not "id").Select(field => $",\"{field}\":{{\"no\":{{}}}}"));
        await socket.SendAsync($"{{\"type\":\"{type}\",\"_reqId\":\"walk-{type}\",\"id\":\"walk-{type}\"{fields}}}");
        await socket.SendAsync(new ListPeers(), "after-" + type);
        bool isForbidden = false;
        await socket.NextAsync("the list of peers", frame =>
        {
            isForbidden |= (string?)frame["_reqId"] == "walk-" + type && ((string?)frame["code"] == MeshError.Forbidden.Code || (string?)frame["error"] == MeshError.Forbidden.AckText);
            return (string?)frame["_reqId"] == "after-" + type;
        });
        return isForbidden;
    }
}
