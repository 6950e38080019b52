using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>
/// Joins by an invite that is a record of the log (keys.md 8). With the link's secret the joiner believes only the workspace that the inviter meant, signs
/// himself in, and reads at once with nobody else online. Without it he waits until an admin admits him.
/// </summary>
internal sealed class LogEntrance(WorkspaceStore store, MemberKeys memberKeys, JoinedWorkspaces workspaces, BrokerHttp http, TimeProvider clock)
{
    private const int AttemptsMax = 16;
    private const int PagesMax = 1024;

    public async Task<LocalReply<EnteredByLog>> EnterAsync(InviteForm.Short link, DisplayName displayName, CancellationToken cancellationToken)
    {
        LocalReply<InviteInfo> looked = await http.GetAsync(link.Broker, PathOf(link.Id), ProtocolJson.Default.InviteInfo, cancellationToken);
        if (looked.Value is not { } info)
            return looked.Problem!.Error is "invite_not_found" or "not_found" ? InviteProblems.Unknown(BrokerHttp.AddressOf(link.Broker)) : looked.Problem;
        if (info.InviteId != link.Id)
            return BrokerProblems.Refused("", "it answered about another invite.");
        WorkspaceRow? there = store.FindByMesh(info.MeshId.Value);
        if (there is not null && workspaces.FindByNo(there.No) is null)
            return JoinedWorkspaces.LockedProblem(there);
        if (there is not null && (link.Secret is null || workspaces.FindByNo(there.No)!.Keys.IsMember))
            return new EnteredByLog(there, Row: null, Start: null);

        return link.Secret is { } secret
            ? await JoinAsync(link, info, secret, there?.MemberId ?? RandomBytes.NextId(), displayName, cancellationToken)
            : await WaitAsync(link, info, displayName, cancellationToken);
    }

    private static string PathOf(InviteId id) => $"/api/v1/invites/{id.Value}";

    /// <summary>Without the secret: the broker takes note of the key, and an admin's device decides.</summary>
    private async Task<LocalReply<EnteredByLog>> WaitAsync(InviteForm.Short link, InviteInfo info, DisplayName displayName, CancellationToken cancellationToken)
    {
        using MemberSecretKey member = await memberKeys.KeepAsync(link.Broker, info.MeshId.Value, cancellationToken);
        LocalReply<JoinedByLog> joined = await PostAsync(link, info, member, displayName, record: null, copy: null, cancellationToken);
        return joined.Value is { } answer ? new EnteredByLog(There: null, NewRow(link, answer, member, displayName), Start: null) : joined.Problem!;
    }

    /// <param name="memberId">Under which the joiner waits already, or a new one.</param>
    private async Task<LocalReply<EnteredByLog>> JoinAsync(
        InviteForm.Short link, InviteInfo info, InviteSecret secret, string memberId, DisplayName displayName, CancellationToken cancellationToken)
    {
        string host = BrokerHttp.AddressOf(link.Broker);
        if (info.Package is null || !Invitation.TryOpenPackage(secret, link.Id.Value, info.Package, out InvitePackageText package))
            return InviteProblems.Altered(host);
        if (package.MeshId != info.MeshId.Value)
            return InviteProblems.Foreign(host);

        var log = new HeldLog(package.MeshId, RootReference.MeshScope, package.Pin);
        using MemberSecretKey member = await memberKeys.KeepAsync(link.Broker, info.MeshId.Value, cancellationToken);
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await ReadOnAsync(link, log, cancellationToken) is { } unread)
                return unread;
            if (InviteProblems.Of(Joining.Check(log, package, secret, link.Id.Value), host) is { } foreign)
                return foreign;

            long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var draft = new LogDraft(log.State, member, now);
            EpochCopy? copy = OpenCopy(info, secret, link.Id.Value, log.State, member.Public);
            if (log.State.Members.TryGetValue(member.Public, out LogMember? already))
                return Entered(link, info, log, already, member, displayName, copy);
            if (InviteProblems.Of(Joining.Draft(draft, secret, link.Id.Value, memberId), log.State, link.Id.Value, now) is { } refused)
                return refused;

            LogRecord record = draft.Records[0];
            LocalReply<JoinedByLog> joined = await PostAsync(link, info, member, displayName, record.Signed, copy, cancellationToken);
            if (joined.Problem is { Error: LocalErrors.LogMoved })
                continue;
            if (!joined.Succeeded)
                return joined.Problem;

            log.Read([record.Signed]);
            return Entered(link, info, log, log.State.Members[member.Public], member, displayName, copy);
        }

        return KeyProblems.Busy(info.Slug.Value, RootReference.MeshScope);
    }

    /// <summary>Reads the log as far as the broker has it, believing nothing that breaks its rules.</summary>
    private async Task<LocalProblem?> ReadOnAsync(InviteForm.Short link, HeldLog log, CancellationToken cancellationToken)
    {
        for (int page = 0; page < PagesMax && log.Fork is null; page++)
        {
            LocalReply<LogPage> read = await http.GetAsync(
                link.Broker, $"{PathOf(link.Id)}/log?after={log.State.Head.Seq}", ProtocolJson.Default.LogPage, cancellationToken);
            if (read.Value is not { } found)
                return read.Problem;

            LogReading reading = log.Read(found.Records);
            if (log.State.Head.Seq >= found.Seq || reading is not LogReading.Extended)
                break;
        }

        return null;
    }

    /// <summary>The root from the invite's copy, sealed to the joiner himself; null when the broker has none that is right, and then the others give one.</summary>
    private static EpochCopy? OpenCopy(InviteInfo info, InviteSecret secret, string inviteId, Membership log, PublicKey joiner)
    {
        using SigningKey key = secret.DeriveKey(inviteId);
        if (info.Copy is not { } copy
            || log.FindRoot(copy.Epoch) is not { } reference
            || !RootKey.TryOpenCopy(key, copy.Copy, log.MeshId, reference, out RootKey? root))
            return null;

        using (root)
            return new EpochCopy(copy.Epoch, joiner, Rotation.SealCopy(root!, joiner).Copy);
    }

    private Task<LocalReply<JoinedByLog>> PostAsync(
        InviteForm.Short link, InviteInfo info, MemberSecretKey member, DisplayName displayName, SignedRecord? record, EpochCopy? copy, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] possession = member.Sign(new JoinPossessionText(info.MeshId.Value, Sha256.Hash(link.Id.Value), member.Public, now));
        var body = new JoinByLog(
            link.Id, member.Public, displayName, now, possession, record is null ? null : [record], record is null || copy is null ? null : [copy]);
        return http.PostAsync(link.Broker, "/api/v1/join", body, ProtocolJson.Default.JoinByLog, ProtocolJson.Default.JoinedByLog, cancellationToken);
    }

    private EnteredByLog Entered(
        InviteForm.Short link, InviteInfo info, HeldLog log, LogMember self, MemberSecretKey member, DisplayName displayName, EpochCopy? copy)
    {
        var joined = new JoinedByLog(
            MemberId.Parse(self.MemberId), info.MeshId, info.Slug, info.Name, Enum.Parse<MemberRole>(self.Role.ToString()), Waiting: false);
        return new EnteredByLog(
            There: null, NewRow(link, joined, member, displayName), new LogStart(log.State.Pin, copy, [.. log.Records.Select(record => record.Signed)]));
    }

    private WorkspaceRow NewRow(InviteForm.Short link, JoinedByLog joined, MemberSecretKey member, DisplayName displayName) => new(
        0,
        joined.MeshId.Value,
        "",
        joined.Slug.Value,
        joined.Name,
        BrokerHttp.AddressOf(link.Broker),
        joined.Waiting ? LiveWorkspace.WaitingRole : joined.Role.ToString().ToLowerInvariant(),
        joined.MemberId.Value,
        member.Public,
        displayName.Value,
        clock.GetUtcNow().ToUnixTimeMilliseconds(),
        "");
}

/// <summary>One of the first two: where one was already, or what is to be added.</summary>
internal sealed record EnteredByLog(WorkspaceRow? There, WorkspaceRow? Row, LogStart? Start);
