namespace Claudemesh.Local;

/// <summary>What this person has said of himself in a workspace, or of one session of his.</summary>
/// <param name="Session">The id of the session that it is about; null: the member.</param>
/// <param name="Status">One of <see cref="PeerStatuses"/>.</param>
/// <param name="Allows">All that the session may do, words of <see cref="SessionWords"/>; null: it is not limited.</param>
/// <param name="Told">Whether the broker has it. False: it is kept here and told with the next connection.</param>
public sealed record Self(
    string Workspace,
    string? Session,
    string Name,
    string Status,
    string? Summary,
    bool Visible,
    Profile Profile,
    IReadOnlyList<GroupRole> Groups,
    bool Told,
    IReadOnlyList<string>? Allows = null);

public sealed record SelfList(IReadOnlyList<Self> Selves);

/// <summary>What somebody says of himself; null: nothing.</summary>
/// <param name="Avatar">An emoji or a link.</param>
public sealed record Profile(string? Title = null, string? Bio = null, string? Avatar = null, IReadOnlyList<string>? Capabilities = null);

public sealed record GroupRole(string Name, string? Role = null);

public static class PeerStatuses
{
    public const string Idle = "idle";
    public const string Working = "working";

    /// <summary>Do not disturb: only messages of priority now get through; the others wait at the broker.</summary>
    public const string Dnd = "dnd";
}

/// <summary>Changes the given parts of what is said, and leaves the others.</summary>
/// <param name="About">Who is meant.</param>
/// <param name="Summary">Empty removes it; so it is with the texts of <paramref name="Profile"/> and an empty list of capabilities.</param>
/// <param name="Leave">The name of a group; it is a mistake to name one that one is not in.</param>
public sealed record ChangeSelf(
    WhoAmI About,
    string? Name = null,
    string? Status = null,
    string? Summary = null,
    bool? Visible = null,
    Profile? Profile = null,
    GroupRole? Join = null,
    string? Leave = null);

/// <summary>Which of this person's addresses is meant.</summary>
/// <param name="Workspace">Null: the only one.</param>
/// <param name="Session">The id or the name of an open session.</param>
/// <param name="Member">The member, also when the caller runs in a session.</param>
/// <param name="Caller">
/// Where neither is said: the session that the caller believes to run in. Without one it is the session whose process started the caller, else the member.
/// </param>
public sealed record WhoAmI(string? Workspace = null, string? Session = null, bool Member = false, string? Caller = null);

/// <summary>A group that somebody in a workspace is in.</summary>
/// <param name="Mine">Whether this person is in it himself; <paramref name="Role"/> is his.</param>
/// <param name="Members">The names of all who are in it.</param>
public sealed record Group(string Workspace, string Name, bool Mine, string? Role, IReadOnlyList<string> Members);

public sealed record GroupList(IReadOnlyList<Group> Groups);
