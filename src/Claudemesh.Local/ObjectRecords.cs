using System.Text.Json;

namespace Claudemesh.Local;

/// <summary>A value that the members of a workspace keep in common.</summary>
/// <param name="Value">Any JSON; null: there is none any more, or it cannot be read yet.</param>
/// <param name="Revision">Rises with each change; what <c>if_revision</c> takes. 0: nothing was read yet.</param>
/// <param name="Encrypted">False: a 1.x client wrote it and the broker can read it; then the writer is whom the broker names.</param>
/// <param name="WriterKey">The member key that signed it; null where none did.</param>
/// <param name="Trouble">Why this is not what the broker gave last; null: it is.</param>
public sealed record SharedState(
    string Workspace,
    string Key,
    JsonElement? Value,
    long Revision,
    bool Deleted,
    bool Encrypted,
    string WrittenBy,
    string? WriterKey,
    DateTimeOffset WrittenAt,
    string? Trouble);

/// <param name="Entries">By workspace and key. A key may have an encrypted and a plain value; the encrypted one comes first.</param>
public sealed record SharedStateList(IReadOnlyList<SharedState> Entries);

/// <param name="Value">Any JSON but null.</param>
/// <param name="IfRevision">Only if the value is at this revision; 0: only if there is none; null: whatever there is.</param>
public sealed record ChangeState(string Key, JsonElement Value, string? Workspace = null, long? IfRevision = null);

/// <summary>A text that the members of a workspace keep in common.</summary>
/// <param name="Id">What <c>forget</c> takes, whole or a beginning of at least 8 characters that only one has.</param>
/// <param name="Encrypted">As of <see cref="SharedState"/>, and so is <paramref name="WriterKey"/>.</param>
public sealed record Memory(
    string Workspace, string Id, string Text, IReadOnlyList<string> Tags, bool Encrypted, string WrittenBy, string? WriterKey, DateTimeOffset WrittenAt);

/// <param name="Memories">Found by a search: the best first; else the newest first.</param>
public sealed record MemoryList(IReadOnlyList<Memory> Memories);

/// <param name="Id">Made by the client, so that asking again cannot keep it twice: 8 to 64 letters, digits, - or _. Null: the daemon makes one.</param>
/// <param name="Tags">At most 32 of 1 to 96 characters.</param>
public sealed record KeepMemory(string Text, IReadOnlyList<string>? Tags = null, string? Workspace = null, string? Id = null);

public sealed record ForgottenMemory(string Workspace, string Id);
