using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Keys;

/// <summary>Why nothing can be written in a scope now, each with what to do.</summary>
internal static class KeyProblems
{
    public static LocalProblem Forked(string slug, string scope, LogFork fork) => LocalProblem.Of(
        LocalErrors.LogForked,
        $"The broker shows another log of {NameOf(slug, scope)} than the one that was signed (record {fork.Seq}, {Words(fork.Refusal)}), so nothing is sent there any more. "
        + $"Compare with the others over another channel: `claudemesh log verify -w {slug}`.",
        409,
        ExitCode.Denied);

    /// <summary>It names a head and does not give the records that lead there; without them nobody knows who would read what is sent.</summary>
    public static LocalProblem Withheld(string slug, string scope) => LocalProblem.Of(
        LocalErrors.LogWithheld,
        $"The broker names a newer record of the log of {NameOf(slug, scope)} and does not give it, so nothing is sent there until it does.",
        502,
        ExitCode.Network,
        retryable: true);

    public static LocalProblem Busy(string slug, string scope) => LocalProblem.Of(
        LocalErrors.LogMoved, $"Others changed the log of {NameOf(slug, scope)} at the same time, again and again; try again.", 409, ExitCode.Network, retryable: true);

    public static LocalProblem NotBegun(string slug, string scope) => LocalProblem.Of(
        LocalErrors.NoKeyYet,
        $"{NameOf(slug, scope)} has no key yet: the owner's daemon makes it when it connects.",
        409,
        ExitCode.Network,
        retryable: true);

    public static LocalProblem Waiting(string slug) => LocalProblem.Of(
        LocalErrors.NotAdmitted,
        $"You wait to be let into {slug}: an admin says `claudemesh member admit` when he knows that the key is yours.",
        403,
        ExitCode.Denied,
        retryable: true);

    public static LocalProblem NotInTopic(string slug) => LocalProblem.Of(
        LocalErrors.NotAdmitted, $"You are not in that topic of {slug}; one of its leads can let you in.", 403, ExitCode.Denied);

    public static LocalProblem NoCopy(string slug, string scope) => LocalProblem.Of(
        LocalErrors.NoKeyYet,
        $"The current key of {NameOf(slug, scope)} is not here yet. The others' daemons have been asked for it and give it as soon as one of them connects.",
        503,
        ExitCode.Network,
        retryable: true);

    /// <summary>The log's rules refuse what a verb would write.</summary>
    public static LocalProblem Refused(string slug, LogRefusal refusal) => refusal switch
    {
        LogRefusal.NotMember => Waiting(slug),
        LogRefusal.NotAllowed => Of("forbidden", $"Your role in {slug} does not allow that.", 403, ExitCode.Denied),
        LogRefusal.UnknownMember => Of("member_not_found", $"That key is no member of {slug} by its log.", 404, ExitCode.NotFound),
        LogRefusal.BadKey => Of("already_member", $"That key is a member of {slug} already, or cannot be one any more.", 409, ExitCode.Exists),
        LogRefusal.IdTaken => Of("already_member", $"Another key has that member's place in {slug}.", 409, ExitCode.Exists),
        LogRefusal.BadRole => Of(LocalErrors.InvalidRequest, $"That role cannot be given to this member of {slug}.", 400, ExitCode.BadArguments),
        LogRefusal.OwnerStays => Of(
            "owner_must_stay", $"The owner of {slug} can neither leave nor be removed; `claudemesh member role PEER owner` hands it over first.", 403, ExitCode.Denied),
        LogRefusal.BadInvite => Of("invite_not_found", $"The log of {slug} has no such invite.", 404, ExitCode.NotFound),
        LogRefusal.InviteClosed => Of("invite_not_found", $"That invite to {slug} is used up, expired or revoked already.", 404, ExitCode.NotFound),
        _ => Of(LocalErrors.InvalidRequest, $"The log of {slug} does not take that: {Words(refusal)}.", 400, ExitCode.BadArguments),
    };

    /// <summary>A refusal's name as words: <c>not next</c>.</summary>
    public static string Words(LogRefusal refusal)
    {
        var words = new System.Text.StringBuilder();
        foreach (char c in refusal.ToString())
            words.Append(char.IsUpper(c) && words.Length > 0 ? " " : "").Append(char.ToLowerInvariant(c));
        return words.ToString();
    }

    private static string NameOf(string slug, string scope) => scope == RootReference.MeshScope ? slug : $"a topic of {slug}";

    private static LocalProblem Of(string error, string detail, int status, ExitCode exitCode) => LocalProblem.Of(error, detail, status, exitCode);
}
