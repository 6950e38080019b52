namespace Claudemesh.Local;

/// <summary>Changes what you let a member do to you: first a reset, then what is taken, then what is given.</summary>
/// <param name="Peer">A name, a key, or a beginning of a key that only one has.</param>
/// <param name="Give">Of <see cref="Capabilities"/>.</param>
/// <param name="Take">Of <see cref="Capabilities"/>.</param>
/// <param name="Reset">Back to what holds where nothing was said.</param>
public sealed record ChangeGrant(
    string Peer, IReadOnlyList<string>? Give = null, IReadOnlyList<string>? Take = null, bool Reset = false, string? Workspace = null);

/// <summary>What you let a member do to you.</summary>
/// <param name="Capabilities">None: it is blocked.</param>
/// <param name="IsDefault">Whether nothing in particular is said of it.</param>
public sealed record PeerGrant(string Workspace, string Name, string Key, IReadOnlyList<string> Capabilities, bool IsDefault);

/// <param name="Grants">Of those members of whom something in particular is said.</param>
public sealed record GrantList(IReadOnlyList<PeerGrant> Grants);

/// <summary>What a member may let another do to it.</summary>
public static class Capabilities
{
    /// <summary>Stands for all of them where one is asked for.</summary>
    public const string All = "all";

    public static IReadOnlyList<string> Names { get; } = ["read", "dm", "broadcast", "state-read", "state-write", "file-read"];
}
