using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Why somebody does not come in with an invite, one sentence for each mistake and each lie.</summary>
internal static class InviteProblems
{
    public static LocalProblem Unknown(string host) => LocalProblem.Of(
        "invite_not_found", $"{host} knows no such invite: a part of the link was changed, or it is of another host. Ask for a new link.", 404, ExitCode.NotFound);

    public static LocalProblem Altered(string host) => LocalProblem.Of(
        LocalErrors.InvalidInvite,
        $"The part of the link behind # does not belong to this invite of {host}: a part of the link was changed or cut off. Copy it whole.",
        400,
        ExitCode.BadArguments);

    public static LocalProblem Foreign(string host) => LocalProblem.Of(
        LocalErrors.InvalidInvite,
        $"{host} shows another workspace than the one that whoever made this invite has signed. Do not join; ask him over another channel.",
        409,
        ExitCode.Denied);

    /// <summary>Null when nothing speaks against the workspace.</summary>
    public static LocalProblem? Of(JoinRefusal refusal, string host) => refusal switch
    {
        JoinRefusal.None => null,
        JoinRefusal.OtherWorkspace => Foreign(host),
        JoinRefusal.LogForked => LocalProblem.Of(
            LocalErrors.LogForked, $"The log that {host} shows breaks its rules, so nobody should join by it. Ask whoever invited you over another channel.", 409, ExitCode.Denied),
        JoinRefusal.OtherLog => LocalProblem.Of(
            LocalErrors.InvalidInvite,
            $"{host} shows a log without the record of this invite: an older one, or another than whoever invited you has seen. Ask him over another channel.",
            409,
            ExitCode.Denied),
        _ => LocalProblem.Of(
            LocalErrors.InvalidInvite, $"The log that {host} shows has no such invite, or one with another secret. Ask for a new link.", 409, ExitCode.Denied),
    };

    /// <summary>What the log says against a <c>join</c>; null when it takes it.</summary>
    public static LocalProblem? Of(LogRefusal refusal, Membership log, string inviteId, long now) => refusal switch
    {
        LogRefusal.None => null,
        LogRefusal.InviteClosed => Closed(log.Invites[inviteId], now),
        LogRefusal.BadKey => LocalProblem.Of(
            MeshError.MemberRemoved.Code,
            "You were a member of this workspace before and were removed: an invite does not bring you back. An owner or admin lets you in with `claudemesh member admit`.",
            403,
            ExitCode.Denied),
        _ => LocalProblem.Of(LocalErrors.InvalidInvite, $"The workspace's log does not take you in with this invite ({Keys.KeyProblems.Words(refusal)}). Ask for a new link.", 400, ExitCode.BadArguments),
    };

    private static LocalProblem Closed(LogInvite invite, long now)
    {
        MeshError why = invite.Ended ? MeshError.InviteRevoked : invite.ExpiresAt <= now ? MeshError.InviteExpired : MeshError.InviteExhausted;
        return BrokerProblems.Refused(why.Code, why.Message);
    }
}
