namespace Claudemesh.Local;

/// <summary>Lets somebody in who waits, or a removed member in again.</summary>
/// <param name="Peer">A name, a key, or a beginning of a key that only one has.</param>
/// <param name="Role">member or admin.</param>
public sealed record AdmitMember(string Peer, string Role = "member", string? Workspace = null);

/// <param name="Role">member, admin or owner; owner hands the workspace over.</param>
public sealed record ChangeRole(string Peer, string Role, string? Workspace = null);

/// <param name="Reason">Kept in the log for everybody to read; at most 200 characters.</param>
public sealed record RemoveMember(string Peer, string? Reason = null, string? Workspace = null);

/// <summary>What a member is after a change.</summary>
/// <param name="Role">owner, admin, member; or none: no member any more.</param>
/// <param name="Epoch">The number of the current root key.</param>
public sealed record ChangedMember(string Workspace, string Name, string Key, string Role, long Epoch);

/// <summary>Makes a new root key.</summary>
/// <param name="History">False: who comes later does not read what was written before.</param>
public sealed record RotateKeys(string? Workspace = null, bool History = true);

/// <param name="Recipients">How many members and open invites the new key was sealed to.</param>
public sealed record RotatedKeys(string Workspace, long Epoch, int Recipients);

/// <summary>One record of a log, as it was signed, in words.</summary>
/// <param name="Author">The name of who signed it; names are the broker's word.</param>
/// <param name="AuthorKey">The key that signed it.</param>
/// <param name="Type">genesis, policy, invite, uninvite, join, admit, role, remove, key or epoch.</param>
/// <param name="Text">What it says, as a sentence without its author.</param>
/// <param name="Hash">64 hexadecimal digits; the next record names it.</param>
public sealed record LogEntry(long Seq, DateTimeOffset At, string Author, string AuthorKey, string Type, string Text, string Hash);

/// <param name="Pin">The hash of the first record, by which the workspace is known for ever; empty before it.</param>
public sealed record LogListing(string Workspace, string Pin, IReadOnlyList<LogEntry> Entries);

/// <summary>Every hash and signature of a log, checked again.</summary>
/// <param name="Sound">Nothing speaks against it.</param>
/// <param name="Seq">Of its newest record; 0 for none.</param>
/// <param name="Head">The hash of its newest record: where two members see the same number and hash, they see the same log.</param>
/// <param name="RootInHand">Whether the current root key is here.</param>
/// <param name="RotationDue">Whoever sends next makes a new root key first.</param>
/// <param name="Fault">What is wrong, as a sentence; null when nothing is.</param>
public sealed record LogCheck(
    string Workspace, bool Sound, long Seq, string Head, string Pin, int Members, long Epoch, bool RootInHand, bool RotationDue, string? Fault);

/// <summary>How a log is known here now.</summary>
/// <param name="Scope"><c>mesh</c>, or <c>topic/</c> and a topic's id.</param>
/// <param name="Fork">As a sentence: the broker shows another log than the one that was signed, and nothing is sent in the scope any more. Null: it does not.</param>
public sealed record LogState(string Workspace, string Scope, long Seq, long Epoch, string? Fork);
