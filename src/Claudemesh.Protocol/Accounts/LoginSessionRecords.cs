using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Where an account is signed in, newest first.</summary>
public sealed record LoginSessionList(LoginSessionInfo[] Sessions);

/// <param name="Name">The browser as it calls itself, or the device's name.</param>
/// <param name="Address">From where it was signed in.</param>
/// <param name="LastSeenAt">When it last got an access token.</param>
/// <param name="Current">The one that asks.</param>
/// <param name="ExpiresAt">Moves on each time it gets a token.</param>
public sealed record LoginSessionInfo(
    string Id,
    LoginSessionKind Kind,
    string Name,
    string Address,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastSeenAt,
    bool Current,
    DateTimeOffset ExpiresAt);

[JsonConverter(typeof(WordConverter<LoginSessionKind>))]
public enum LoginSessionKind
{
    Browser,
    Device,
}
