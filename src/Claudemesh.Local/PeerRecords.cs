namespace Claudemesh.Local;

/// <summary>Someone who is online now and can be addressed.</summary>
/// <param name="Key">What to send to: the session's key, or the member's when it is no session.</param>
/// <param name="Kind">person, bot or legacy (a 1.x client).</param>
/// <param name="Self">A connection of this person himself.</param>
/// <param name="Visible">False: hidden from everybody else.</param>
/// <param name="Profile">Null: nothing was said.</param>
/// <param name="Verified">This person has compared the safety number of the member's key; see <see cref="Safety"/>.</param>
/// <param name="KeyChangedAt">As in <see cref="Safety"/>.</param>
public sealed record Peer(
    string Workspace,
    string Name,
    string Key,
    string MemberKey,
    string Kind,
    string Status,
    string? Summary,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Tags,
    string? SessionId,
    string? Cwd,
    string? Hostname,
    string? Model,
    DateTimeOffset ConnectedAt,
    bool Self,
    bool Visible,
    Profile? Profile,
    bool Verified,
    DateTimeOffset? KeyChangedAt = null);

/// <param name="Stale">The workspaces whose broker could not be asked; empty when the list is of now.</param>
public sealed record PeerList(IReadOnlyList<Peer> Peers, IReadOnlyList<StaleWorkspace> Stale);

/// <summary>A workspace whose broker could not be asked: what is listed of it is what was known last, and who is online may have changed.</summary>
/// <param name="StaleSince">When it was known; null: not since the daemon started.</param>
/// <param name="Why">Why it could not be asked, as sentences; null when that is not known.</param>
public sealed record StaleWorkspace(string Workspace, DateTimeOffset? StaleSince, string? Why = null);

/// <summary>A lasting identity in a workspace, online or not.</summary>
/// <param name="Role">owner, admin or member, as the signed log says; none for who is not in it; waiting for who is to be admitted.</param>
/// <param name="Unverified">The broker lists it and the signed log does not have it.</param>
/// <param name="Kind">person, bot or legacy (a 1.x client that never proved its key).</param>
/// <param name="Verified">This person has compared the safety number of the key; see <see cref="Safety"/>.</param>
/// <param name="KeyChangedAt">As in <see cref="Safety"/>.</param>
/// <param name="Devices">How many devices of it have been here in the last months, as the broker says; null: it does not.</param>
/// <param name="LastSeenAt">When one was here last; of one that is online when it came.</param>
public sealed record Member(
    string Workspace,
    string Name,
    string Key,
    string Role,
    string Kind,
    bool Online,
    DateTimeOffset? JoinedAt,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Tags,
    bool Self,
    bool Verified,
    bool Unverified = false,
    DateTimeOffset? KeyChangedAt = null,
    int? Devices = null,
    DateTimeOffset? LastSeenAt = null);

public sealed record MemberList(IReadOnlyList<Member> Members);

/// <summary>Announces a running session of this person, as an address of its own in each workspace.</summary>
/// <param name="SessionId">The session's own id, <c>^[0-9A-Za-z_-]{1,64}$</c>. Opening an open one again updates it.</param>
/// <param name="Name">Where another open session of this person has it, a number is put behind it; the answer says what it became.</param>
/// <param name="Workspace">Null: all workspaces.</param>
/// <param name="Pid">The process the session lives in: when it is gone, the session is closed.</param>
/// <param name="Limit">All that it may do, words of <see cref="SessionWords"/>; null: what it might before, everything if it is new. It never gets more by this.</param>
public sealed record OpenSession(
    string SessionId,
    string Name,
    string Cwd,
    int Pid,
    string? Workspace = null,
    IReadOnlyList<string>? Groups = null,
    IReadOnlyList<string>? Tags = null,
    string? Model = null,
    IReadOnlyList<string>? Limit = null);

/// <param name="After">The sequence of the last message in the inbox when it was opened: what came since is what it has to see.</param>
/// <param name="Allows">All that it may do, words of <see cref="SessionWords"/>; null: what its person may.</param>
public sealed record Session(
    string SessionId, string Name, string Cwd, int Pid, IReadOnlyList<string> Workspaces, DateTimeOffset OpenedAt, long After, IReadOnlyList<string>? Allows = null);

/// <summary>Gives a session less than its person has, or gives it back. Exactly one of the lists and flags says what.</summary>
/// <param name="Session">The id or the name of an open session.</param>
/// <param name="Allow">These and no others, words of <see cref="SessionWords"/>.</param>
/// <param name="Deny">All but these.</param>
/// <param name="None">Nothing but its own name and end.</param>
/// <param name="Lift">No limit any more.</param>
public sealed record LimitSession(
    string Session, IReadOnlyList<string>? Allow = null, IReadOnlyList<string>? Deny = null, bool None = false, bool Lift = false);

/// <summary>What a session may be left.</summary>
public static class SessionWords
{
    /// <summary>Messages, topics, members, state: to read them, and to mark them as read.</summary>
    public const string Read = "read";

    /// <summary>To send messages and to post.</summary>
    public const string Send = "send";

    /// <summary>To make, join, leave and change topics.</summary>
    public const string Topics = "topics";

    /// <summary>To write state and memories.</summary>
    public const string State = "state";

    /// <summary>To say what it works on: name, status, summary, groups.</summary>
    public const string Self = "self";

    /// <summary>Everything else: members, invites, keys, workspaces, deleting messages, the account, the daemon.</summary>
    public const string Admin = "admin";

    /// <summary>The header by which a program says which session it belongs to.</summary>
    public const string Header = "Claudemesh-Session";

    public static readonly IReadOnlyList<string> All = [Read, Send, Topics, State, Self, Admin];
}

public sealed record SessionList(IReadOnlyList<Session> Sessions);
