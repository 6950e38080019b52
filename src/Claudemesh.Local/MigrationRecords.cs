namespace Claudemesh.Local;

/// <summary>Moves members to the keys that they are to have: those of 1.x, and random ones that were made before there was a login.</summary>
/// <param name="Action">One of <see cref="MigrationActions"/>.</param>
/// <param name="From">The configuration of 1.x, absolute; null: <c>~/.claudemesh/config.json</c>.</param>
/// <param name="Workspace">Only this one; null: all.</param>
public sealed record MigrateIdentity(string Action = MigrationActions.Plan, string? From = null, string? Workspace = null);

public static class MigrationActions
{
    /// <summary>Says what would be done, and does nothing.</summary>
    public const string Plan = "plan";

    /// <summary>Does it. Doing it again goes on where it was broken off.</summary>
    public const string Apply = "apply";

    /// <summary>Goes back to the keys before, as long as it was not confirmed: by another signed record.</summary>
    public const string Undo = "undo";

    /// <summary>Ends that: there is no way back after it.</summary>
    public const string Confirm = "confirm";
}

/// <param name="Config">The configuration of 1.x that was looked for.</param>
/// <param name="ConfigFound">Whether it is there.</param>
public sealed record MigrationReport(string Action, string Config, bool ConfigFound, IReadOnlyList<MigrationStep> Members);

/// <summary>One member.</summary>
/// <param name="Workspace">Its short name; of an entry that cannot be read, where it is.</param>
/// <param name="Name">What the member is called; null where that is not known.</param>
/// <param name="Key">The key that it has now.</param>
/// <param name="NewKey">The key that it is to have; null where it has it, and where that will be a new random one.</param>
/// <param name="NewKeyFrom"><c>login</c>: derived from the account's secret, the same on every machine; <c>random</c>: kept on this machine; null: no other key.</param>
/// <param name="Origin"><c>1.x</c> or <c>2.x</c>: which program made the key.</param>
/// <param name="State">planned, imported, moved, undone, confirmed, waiting, nothing or failed.</param>
/// <param name="Says">What was or would be done, or what it waits for, as sentences.</param>
/// <param name="Waiting">Messages that wait at the broker for the key; null where it was not asked.</param>
/// <param name="Problem">Why it failed; null where it did not.</param>
public sealed record MigrationStep(
    string Workspace,
    string Broker,
    string? Name,
    string? MemberId,
    string? Key,
    string? NewKey,
    string? NewKeyFrom,
    string Origin,
    string State,
    string Says,
    int? Waiting = null,
    LocalProblem? Problem = null);

public static class MigrationStates
{
    public const string Planned = "planned";
    public const string Imported = "imported";
    public const string Moved = "moved";
    public const string Undone = "undone";
    public const string Confirmed = "confirmed";

    /// <summary>Somebody else has to do something first.</summary>
    public const string Waiting = "waiting";

    /// <summary>There is nothing to do.</summary>
    public const string Nothing = "nothing";

    public const string Failed = "failed";
}
