namespace Claudemesh.Local;

/// <param name="Slug">The name to address it by on this machine; unique here.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Broker">The broker's address as a person types it, <c>http://127.0.0.1:7900</c>.</param>
/// <param name="Role">owner, admin or member, as last told by the broker.</param>
/// <param name="MemberKey">This person's key in it, 64 hexadecimal digits.</param>
/// <param name="State">One of <see cref="ConnectionStates"/>.</param>
/// <param name="Waiting">True: you are no member yet, an admin has to admit you.</param>
/// <param name="Forked">True: the broker shows another log than the one that was signed, so nothing is sent in it.</param>
/// <param name="ArchivedAt">Since when it can only be read, as far as the broker has said so since the daemon began; null: it is not.</param>
public sealed record Workspace(
    string Slug,
    string Name,
    string MeshId,
    string Broker,
    string Role,
    string MemberId,
    string MemberKey,
    string DisplayName,
    DateTimeOffset JoinedAt,
    string State,
    bool Waiting = false,
    bool Forked = false,
    DateTimeOffset? ArchivedAt = null);

public sealed record WorkspaceList(IReadOnlyList<Workspace> Workspaces);

/// <param name="Broker">Null: the broker of the workspace joined last, else that of the only login, else <c>http://127.0.0.1:7900</c>.</param>
/// <param name="DisplayName">Null: the operating system's name of the user.</param>
/// <param name="Mixed">Admits 1.x clients, and with them bodies that the broker can read.</param>
public sealed record CreateWorkspace(string Name, string? Broker = null, string? DisplayName = null, bool Mixed = false);

/// <param name="Link">
/// An invite: <c>https://host/i/ID#SECRET</c>, the same without its secret (then an admin has to admit the joiner), <c>host/i/ID</c>, the id alone on the
/// broker used last; or of 1.x <c>https://host/join/TOKEN</c>, <c>ic://join/TOKEN</c>, the token alone.
/// </param>
/// <param name="DisplayName">Null: the operating system's name of the user.</param>
public sealed record JoinWorkspace(string Link, string? DisplayName = null);

/// <param name="Workspace">Null where the daemon has only one, or at a workspace's own socket.</param>
/// <param name="Uses">How many may join with it, 1 to 1000.</param>
/// <param name="ExpiresInSeconds">From now; at most 365 days.</param>
/// <param name="Role">What its joiners become: member or admin.</param>
/// <param name="Legacy">The long link of 1.x. It holds no key: its joiners wait to be admitted.</param>
/// <param name="MailTo">To whom the broker writes the link without its secret, where it sends mail; not for a long link.</param>
public sealed record CreateInvite(
    string? Workspace = null, int Uses = 1, long ExpiresInSeconds = 7 * 24 * 3600, string Role = "member", bool Legacy = false, string? MailTo = null);

/// <summary>An invite with which somebody can still join. The link is not here: only who made it has it.</summary>
/// <param name="Id">What <c>invite revoke</c> takes, whole or a beginning that only one has.</param>
/// <param name="MadeBy">The maker's name.</param>
public sealed record OpenInvite(
    string Workspace, string Id, string Role, int UsesLeft, int UsesMax, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string MadeBy);

public sealed record InviteList(IReadOnlyList<OpenInvite> Invites);

public sealed record RevokedInvite(string Workspace, string Id);

/// <param name="Slug">Its new short name, 1 to 64 of <c>a-z 0-9 -</c>; null leaves it.</param>
/// <param name="Name">What its owner calls it; null leaves it.</param>
public sealed record RenameWorkspace(string Workspace, string? Slug = null, string? Name = null);

/// <param name="Archived">False: brings it back.</param>
public sealed record ArchiveWorkspace(string Workspace, bool Archived);

/// <summary>Ends a workspace for everybody.</summary>
/// <param name="Confirm">Its short name at the broker or here, as its owner has typed it.</param>
public sealed record DeleteWorkspace(string Workspace, string Confirm);

/// <param name="HereOnly">Only deletes what is on this machine; the broker is not told.</param>
public sealed record LeaveWorkspace(string Workspace, bool HereOnly = false);

/// <param name="Told">Whether the broker knows that you left.</param>
public sealed record LeftWorkspace(string Workspace, bool Told);

/// <param name="Url">With its secret: who has it comes in. It is kept nowhere else.</param>
/// <param name="Id">What <c>invite revoke</c> takes.</param>
/// <param name="MailedTo">To whom the broker writes it; null: to nobody.</param>
public sealed record Invite(string Workspace, string Url, int Uses, DateTimeOffset ExpiresAt, string Id, string Role, string? MailedTo = null);
