using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Moderation;

/// <summary>
/// Makes invites: links whose secret is the key itself, which no broker ever has; and the long links of 1.x, which hold no key, so that an admin admits who
/// comes with them.
/// </summary>
internal sealed class InviteMaking(JoinedWorkspaces workspaces, TimeProvider clock)
{
    private static readonly TimeSpan InviteLifeMax = TimeSpan.FromDays(365);

    public async Task<LocalReply<Invite>> CreateAsync(CreateInvite request, CancellationToken cancellationToken)
    {
        if (request.Uses is < 1 or > 1000)
            return Invalid("uses must be 1 to 1000.");
        if (request.ExpiresInSeconds < 60 || request.ExpiresInSeconds > InviteLifeMax.TotalSeconds)
            return Invalid("expires_in_seconds must be a minute to a year.");
        if (request.Role is not ("member" or "admin"))
            return Invalid("role must be member or admin.");

        if (request is { MailTo: not null, Legacy: true })
            return Invalid("The long link of 1.x is not mailed: it lets its holder ask to come in. Give it yourself.");
        if (request.MailTo is { } address && !EmailAddress.TryParse(address, out _))
            return Invalid($"mail_to must be {EmailAddress.Rule}.");

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().AddSeconds(request.ExpiresInSeconds).ToUnixTimeSeconds());
        return request.Legacy
            ? await IssueLongAsync(workspace, request, expiresAt, cancellationToken)
            : await OpenAsync(workspace, request, expiresAt, cancellationToken);
    }

    /// <summary>An <c>invite</c> record, with a package and a root that only who knows the secret can open.</summary>
    private static async Task<LocalReply<Invite>> OpenAsync(
        LiveWorkspace workspace, CreateInvite request, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        LocalReply<ReadyScope> ready = await workspace.Keys.ReadyToWriteAsync(workspace.Keys.Mesh.Scope, cancellationToken);
        if (!ready.Succeeded)
            return ready.Problem;

        using var secret = InviteSecret.Generate();
        InviteId id = InviteId.Parse(RandomBytes.NextId());
        LogRole role = request.Role is "admin" ? LogRole.Admin : LogRole.Member;
        LocalReply<Membership> appended = await workspace.Keys.ChangeAsync(
            workspace.Keys.Mesh,
            change => change.Invite(secret, id, role, request.Uses, expiresAt.ToUnixTimeMilliseconds()),
            cancellationToken);
        if (!appended.Succeeded)
            return appended.Problem;

        using var link = new InviteLink(workspace.Row.Broker, id.Value, secret);
        var made = new Invite(workspace.Row.Slug, link.ToTextWithSecret(), request.Uses, expiresAt, id.Value, request.Role);
        return request.MailTo is { } to ? await MailAsync(workspace, made, id, to, cancellationToken) : made;
    }

    /// <summary>The link is good whether it was mailed or not: who made it is told it with the reason.</summary>
    private static async Task<LocalReply<Invite>> MailAsync(LiveWorkspace workspace, Invite made, InviteId id, string to, CancellationToken cancellationToken)
    {
        LocalReply<InviteMailed> mailed = await workspace.AskAsync<InviteMail, InviteMailed>(new InviteMail(id, EmailAddress.Parse(to)), cancellationToken);
        return mailed.Succeeded
            ? made with { MailedTo = to }
            : mailed.Problem with { Detail = $"{mailed.Problem.Detail} The invite is made all the same, and was not mailed: {made.Url}" };
    }

    private static async Task<LocalReply<Invite>> IssueLongAsync(
        LiveWorkspace workspace, CreateInvite request, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        if (workspace.Role is not "owner")
        {
            return LocalProblem.Of(
                "forbidden", $"Only the owner of {workspace.Row.Slug} can sign the long link of 1.x, and you are {workspace.Role}.", 403, ExitCode.Denied);
        }

        BrokerAddress broker = BrokerAddress.Parse(workspace.Row.Broker);
        LegacyInviteToken issued = LegacyInviteToken.Issue(
            workspace.Identity.Key.Key, workspace.Row.MeshId, workspace.Row.BrokerSlug, broker.Socket.ToString(), expiresAt.ToUnixTimeSeconds(), request.Role);
        LocalReply<InviteCreated> created = await workspace.AskAsync<InviteCreate, InviteCreated>(new InviteCreate(issued.Token, request.Uses), cancellationToken);
        return created.Value is { } made
            ? new Invite(
                workspace.Row.Slug, new Uri(broker.Http, "join/" + issued.Token).ToString(), request.Uses, expiresAt, made.InviteId.Value, request.Role)
            : created.Problem!;
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
