using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>A session to be open on a connection for as long as it is registered there, through every reconnect.</summary>
/// <param name="Key">Stays the caller's; must live as long as the registration.</param>
/// <param name="Introduce">Asked before each opening; what it says wins over <paramref name="DisplayName"/> and <paramref name="Groups"/>.</param>
/// <param name="Resume">Asked before each opening: how far the session's mailbox is stored. Null: nothing is known.</param>
public sealed record MeshSession(
    SessionId SessionId,
    SessionSecretKey Key,
    DisplayName DisplayName,
    string Cwd,
    long Pid,
    string? Hostname = null,
    GroupTag[]? Groups = null,
    TagName[]? Tags = null,
    string? Model = null,
    string? Channel = null,
    Func<CancellationToken, ValueTask<ResumePoint[]>>? Resume = null,
    Func<Introduction>? Introduce = null)
{
    /// <summary>How long the member vouches for it at a time. Brokers take 24 h at most; it is renewed at half of this.</summary>
    public static readonly TimeSpan AttestedFor = TimeSpan.FromHours(12);
}
