using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Migrating;

/// <summary>The sentences of <c>migrate-identity</c>: what was done, what it waits for, and what is wrong, each with what to do.</summary>
internal static class MigrationProblems
{
    public const string Legacy = "1.x";
    public const string Own = "2.x";

    public const string TellMoved = "It goes on under its new key; the old one is kept here, and what is still on its way to that opens. Until you confirm, --undo takes it back.";

    public const string TellUndone =
        "It goes by its old key again, by a second signed record, and 1.x clients with that key are let in again. Peers with this program go on writing it signed messages, "
        + "which 1.x clients cannot read; this machine reads both.";

    public const string TellBack = "It goes by its old key again, by a second signed record.";

    public const string TellConfirmed = "Moved for good. The old key stays in this machine's store to open what is on its way to it; 1.x clients of this member do not work any more.";

    public const string TellKept = "Moved for good. The old key stays in this machine's store to open what is on its way to it.";

    public static string WaitsForOwner(string slug) =>
        $"It is here under its old key. {slug} has no signed log yet: its owner's daemon begins one when it connects. Run this again then.";

    public static string WaitsForAdmin(string slug, string name) =>
        $"It is here under its old key, which the signed log of {slug} does not have. An admin lets it in: claudemesh member admit {PlainText.Line(name)} -w {slug}. Run this again then.";

    public static LocalProblem NoWayBack(string slug) =>
        LocalProblem.Of("no_way_back", $"The key before is not in this machine's store any more, so {slug} stays as it is.", 409, ExitCode.NotFound);

    public static LocalProblem Another(string slug, string title) => LocalProblem.Of(
        LocalErrors.WorkspaceExists,
        $"{title}: you are in this workspace already, as another member ({slug}). To take over the one of 1.x instead: claudemesh leave {slug}, then run this again.",
        409,
        ExitCode.Exists);

    public static LocalProblem OfEntry(string title, string fault) =>
        LocalProblem.Of(LocalErrors.InvalidRequest, $"{title}: {fault}", 400, ExitCode.BadArguments);

    /// <summary>What a broker says against the key, in the words of who wants to take it over.</summary>
    public static LocalProblem OfBroker(LegacyMembership member, LocalProblem problem)
    {
        string broker = BrokerHttp.AddressOf(member.Broker);
        return problem.Error switch
        {
            "unauthorized" => problem with
            {
                Detail = $"The broker {broker} knows no such workspace, or nobody in it by the key {member.Key}. If that key was moved on another machine: claudemesh login.",
            },
            "revoked" or "banned" => problem with { Detail = $"This member was removed from {member.Slug} at {broker}. Ask an admin to be admitted again." },
            "waiting" => problem with { Detail = $"This key waits to be admitted to {member.Slug}; an admin says: claudemesh member admit." },
            _ => problem,
        };
    }
}
