using System.Text.Json;
using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>How one comes into a workspace: by making it, or with an invite of any form.</summary>
internal sealed partial class Entrance(
    WorkspaceStore store, MemberKeys memberKeys, JoinedWorkspaces workspaces, WorkspaceOpening opening, LogEntrance byLog, BrokerHttp http, TimeProvider clock, ILogger<Entrance> logger) : IDisposable
{
    private const string DefaultBroker = "http://127.0.0.1:7900";

    // One at a time: the same link opened twice is one membership.
    private readonly SemaphoreSlim entering = new(1, 1);

    private string LastBroker => workspaces.All.LastOrDefault()?.Row.Broker ?? memberKeys.OnlyAccount ?? DefaultBroker;

    public async Task<LocalReply<Workspace>> CreateAsync(Local.CreateWorkspace request, CancellationToken cancellationToken)
    {
        if (!DisplayName.TryParse(request.Name.Trim(), out DisplayName name))
            return Invalid($"name must be {DisplayName.Rule}.");
        if (!DisplayName.TryParse(NameOf(request.DisplayName), out DisplayName displayName))
            return Invalid($"display_name must be {DisplayName.Rule}.");
        if (!BrokerAddress.TryParse(request.Broker ?? LastBroker, out BrokerAddress? broker))
            return Invalid("broker must be an address like https://mesh.example.com.");

        using IDisposable turn = await EnterAsync(cancellationToken);
        string meshId = RandomBytes.NextId();
        using MemberSecretKey owner = await memberKeys.KeepAsync(broker!, meshId, cancellationToken);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        using LogChange log = BeginLog(meshId, owner, now, request.Mixed);
        Slug slug = SlugOf(name);
        byte[] proof = owner.Sign(new WorkspaceCreateText(meshId, slug.Value, name.Value, owner.Public, now));
        SignedRecord[] records = [.. log.Draft.Records.Select(record => record.Signed)];
        var body = new Protocol.CreateWorkspace(MeshId.Parse(meshId), slug, name, owner.Public, displayName, now, proof, records, [.. log.Copies]);
        LocalReply<WorkspaceCreated> created = await http.PostAsync(
            broker!, "/api/v1/workspaces", body, ProtocolJson.Default.CreateWorkspace, ProtocolJson.Default.WorkspaceCreated, cancellationToken);
        if (!created.Succeeded)
            return created.Problem;
        if (created.Value.MeshId.Value != meshId)
            return BrokerProblems.Refused("", "it answered about another workspace.");

        WorkspaceCreated made = created.Value;
        var row = new WorkspaceRow(
            0, meshId, "", made.Slug.Value, made.Name.Value, BrokerHttp.AddressOf(broker!), "owner", made.MemberId.Value, owner.Public, displayName.Value, now, "");
        return await AddAsync(row, new LogStart(log.Draft.State.Pin, log.Copies[0], records));
    }

    public async Task<LocalReply<Workspace>> JoinAsync(JoinWorkspace request, CancellationToken cancellationToken)
    {
        if (!DisplayName.TryParse(NameOf(request.DisplayName), out DisplayName displayName))
            return Invalid($"display_name must be {DisplayName.Rule}.");

        using IDisposable turn = await EnterAsync(cancellationToken);
        switch (InviteForm.Read(request.Link, LastBroker))
        {
            case InviteForm.Long old:
                return await JoinAsync(old.Token, displayName, cancellationToken);
            case InviteForm.Short link:
                using (link.Secret)
                {
                    LocalReply<EnteredByLog> entered = await byLog.EnterAsync(link, displayName, cancellationToken);
                    if (entered.Value is not { } at)
                        return entered.Problem!;
                    return at.There is { } there ? workspaces.FindByNo(there.No)!.Describe() : await AddAsync(at.Row!, at.Start);
                }

            default:
                return LocalProblem.Of(
                    LocalErrors.InvalidInvite, "The link is not an invite, or a part of it is missing; copy it whole.", 400, ExitCode.BadArguments);
        }
    }

    public void Dispose() => entering.Dispose();

    private async Task<LocalReply<Workspace>> JoinAsync(LegacyInviteToken token, DisplayName displayName, CancellationToken cancellationToken)
    {
        LegacyInvite invite = token.Invite;
        if (!BrokerAddress.TryParse(invite.BrokerUrl, out BrokerAddress? broker) || !MeshId.TryParse(invite.MeshId, out _) || !Slug.TryParse(invite.MeshSlug, out Slug slug))
            return LocalProblem.Of(LocalErrors.InvalidInvite, "The invite names no broker or workspace that can be used.", 400, ExitCode.BadArguments);
        if (DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(invite.ExpiresAt, 0, 253402300799)) <= clock.GetUtcNow())
            return BrokerProblems.Refused(MeshError.InviteExpired.Code, MeshError.InviteExpired.Message);
        if (store.FindByMesh(invite.MeshId) is { } there)
            return workspaces.FindByNo(there.No) is { } open ? open.Describe() : JoinedWorkspaces.LockedProblem(there);

        using MemberSecretKey member = await memberKeys.KeepAsync(broker!, invite.MeshId, cancellationToken);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] possession = member.Sign(new JoinPossessionText(invite.MeshId, Sha256.Hash(token.Token), member.Public, now));
        InvitePayload payload = JsonSerializer.Deserialize(System.Buffers.Text.Base64Url.DecodeFromChars(token.Token), ProtocolJson.Default.InvitePayload)!;
        var body = new Join(token.Token, payload, member.Public, displayName, now, possession);
        LocalReply<Joined> answer = await http.PostAsync(broker!, "/join", body, ProtocolJson.Default.Join, ProtocolJson.Default.Joined, cancellationToken);
        if (!answer.Succeeded)
            return answer.Problem;

        Joined joined = answer.Value;
        string role = (joined.Role ?? MemberRole.Member).ToString().ToLowerInvariant();
        string joinedSlug = joined.MeshSlug?.Value ?? slug.Value;
        return await AddAsync(
            new WorkspaceRow(
                0, invite.MeshId, "", joinedSlug, joined.MeshName ?? joinedSlug, BrokerHttp.AddressOf(broker!), role, joined.MemberId.Value, member.Public, displayName.Value, now, ""),
            start: null);
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    private static string NameOf(string? displayName) => string.IsNullOrWhiteSpace(displayName) ? Environment.UserName : displayName.Trim();

    /// <summary>The first record, which the workspace is known by for ever, and the first root.</summary>
    private static LogChange BeginLog(string meshId, MemberSecretKey owner, long now, bool isMixed)
    {
        var log = new LogChange(new LogDraft(Membership.Empty(meshId, RootReference.MeshScope), owner, now), root: null);
        log.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), !isMixed, RandomBytes.NextId()));
        log.Rotate("workspace made");
        return log;
    }

    /// <summary>A short name out of a name: what is no lower-case letter or digit becomes one dash.</summary>
    private static Slug SlugOf(DisplayName name)
    {
        var slug = new System.Text.StringBuilder();
        foreach (char c in name.Value.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        string text = slug.ToString(0, Math.Min(slug.Length, 48)).Trim('-');
        return Slug.Parse(text.Length == 0 ? "workspace" : text);
    }

    private async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await entering.WaitAsync(cancellationToken);
        return new Turn(entering);
    }

    /// <summary>Not cancelled with the request: the broker has it already.</summary>
    private async Task<LocalReply<Workspace>> AddAsync(WorkspaceRow row, LogStart? start)
    {
        WorkspaceRow added = await store.AddAsync(row, start, CancellationToken.None);

        // Who has waited to be admitted comes in with a link: what is open knows nothing of the log yet.
        if (workspaces.FindByNo(added.No) is { } waiting)
            await opening.CloseAsync(waiting, CancellationToken.None);
        LiveWorkspace workspace = await opening.OpenAsync(added, CancellationToken.None);
        LogEntered(added.Slug, added.Role);
        return workspace.Describe();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "In workspace {Slug} as {Role}")]
    private partial void LogEntered(string slug, string role);

    private sealed class Turn(SemaphoreSlim entering) : IDisposable
    {
        public void Dispose() => entering.Release();
    }
}
