using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Daemon.Tests.Brokers;

/// <content>What is asked before there is a connection: making a workspace, looking at an invite, joining.</content>
internal sealed partial class ScriptedBroker
{
    private static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Assert.True(FrameReader.TryReadBody(body.ToArray(), out T? value, out MeshError? fault), fault?.Message);
        return value;
    }

    private static Task WriteAsync<T>(HttpContext context, T value, int status = 200)
        where T : class
    {
        context.Response.StatusCode = status;
        return context.Response.Body.WriteAsync(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, ProtocolJson.TypeInfo<T>())).AsTask();
    }

    private async Task CreateAsync(HttpContext context)
    {
        var create = await ReadAsync<CreateWorkspace>(context);
        Assert.True(Ed25519.Verify(
            create.OwnerPubkey, new WorkspaceCreateText(create.MeshId.Value, create.Slug.Value, create.Name.Value, create.OwnerPubkey, create.CreatedAt), create.Proof));
        var mesh = new Mesh(create.MeshId, create.Slug, create.Name.Value);
        meshes[create.MeshId.Value] = mesh;
        Assert.Null(mesh.Log.Append(create.Records!, create.Copies, null));
        Member owner = mesh.Add(create.OwnerPubkey, create.DisplayName, MemberRole.Owner, mesh.Log.State.Members[create.OwnerPubkey].MemberId);
        await WriteAsync(context, new WorkspaceCreated(create.MeshId, create.Slug, create.Name, owner.MemberId), 201);
    }

    private async Task JoinAsync(HttpContext context)
    {
        var join = await ReadAsync<Join>(context);
        Mesh mesh = meshes[join.InvitePayload.MeshId];
        if (!mesh.Invites.TryGetValue(join.InviteToken, out int uses) || uses == 0)
        {
            await WriteAsync(context, Problem.From(uses == 0 && mesh.Invites.ContainsKey(join.InviteToken) ? MeshError.InviteExhausted : MeshError.InviteNotFound, ok: false), 400);
            return;
        }

        Assert.True(Ed25519.Verify(
            join.PeerPubkey, new JoinPossessionText(mesh.Id.Value, Sha256.Hash(join.InviteToken), join.PeerPubkey, join.JoinedAt!.Value), join.Possession));
        mesh.Invites[join.InviteToken] = uses - 1;
        Member member = mesh.Add(join.PeerPubkey, join.DisplayName, MemberRole.Member, $"m{mesh.Members.Count}");
        await WriteAsync(context, new Joined(true, member.MemberId, null, mesh.Slug, mesh.Name, MemberRole.Member));
    }

    private Task LookAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        Mesh? mesh = meshes.Values.FirstOrDefault(one => one.Log.State.Invites.ContainsKey(id));
        if (mesh is null)
            return WriteAsync(context, Problem.From(MeshError.InviteNotFound, ok: false), 404);

        LogInvite invite = mesh.Log.State.Invites[id];
        return WriteAsync(context, new InviteInfo(
            InviteId.Parse(id), mesh.Id, mesh.Slug, mesh.Name, mesh.Log.FindPackage(id), mesh.Log.FindCopy(invite.Key), MemberRole.Member, invite.ExpiresAt));
    }

    private Task ReadLogAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        Mesh mesh = meshes.Values.Single(one => one.Log.State.Invites.ContainsKey(id));
        return WriteAsync(context, mesh.Log.Read("mesh", long.Parse(context.Request.Query["after"]!, System.Globalization.CultureInfo.InvariantCulture), count: null));
    }

    private async Task JoinByLogAsync(HttpContext context)
    {
        var join = await ReadAsync<JoinByLog>(context);
        Mesh mesh = meshes.Values.Single(one => one.Log.State.Invites.ContainsKey(join.InviteId.Value));
        Assert.True(Ed25519.Verify(
            join.Pubkey, new JoinPossessionText(mesh.Id.Value, Sha256.Hash(join.InviteId.Value), join.Pubkey, join.JoinedAt), join.Possession));
        if (mesh.Log.Append(join.Records!, join.Copies, null) is { } refusal)
        {
            await WriteAsync(context, Problem.From(refusal, ok: false), refusal.HttpStatus);
            return;
        }

        Member member = mesh.Add(join.Pubkey, join.DisplayName, MemberRole.Member, mesh.Log.State.Members[join.Pubkey].MemberId);
        await TellHeadAsync(mesh);
        await WriteAsync(context, new JoinedByLog(member.MemberId, mesh.Id, mesh.Slug, mesh.Name, MemberRole.Member, Waiting: false));
    }
}
