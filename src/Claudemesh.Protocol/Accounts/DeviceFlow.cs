using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

// The device flow (RFC 8628): what a new machine is answered, and what the device that approves it sees and sends. A form's names are OAuth's.

/// <summary>The answer to a new machine that asks to be let in.</summary>
/// <param name="DeviceCode">The machine's own: it fetches its tokens with it. It is told this once; the broker keeps its hash.</param>
/// <param name="UserCode">What its person reads, <c>BCDF-GHJK</c>.</param>
/// <param name="VerificationUri">Where the code is typed.</param>
/// <param name="VerificationUriComplete">The same with the code in it. The machine adds its fragment, which no browser sends.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Interval">Seconds between two questions whether it is approved.</param>
public sealed record DeviceAuthorization(
    [property: JsonPropertyName("device_code")] string DeviceCode,
    [property: JsonPropertyName("user_code")] string UserCode,
    [property: JsonPropertyName("verification_uri")] string VerificationUri,
    [property: JsonPropertyName("verification_uri_complete")] string VerificationUriComplete,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("interval")] int Interval)
{
    public override string ToString() => $"request {UserCode}";
}

/// <summary>An approval as it is kept and given to the new machine (keys.md 7).</summary>
/// <param name="Text">The bytes of A.</param>
/// <param name="Box">Opens with the machine's key and its pairing secret alone. Gone once it was fetched.</param>
/// <param name="AccountSig">By the account key over A.</param>
/// <param name="DeviceSig">By the approving device's key over A.</param>
public sealed record ApprovalParts(byte[] Text, byte[] Box, byte[] AccountSig, byte[] DeviceSig);

/// <summary>A request as the person who is asked sees it, before he says yes.</summary>
/// <param name="Address">From where it came, as the broker sees it.</param>
/// <param name="SameComputer">
/// It says that it can be reached on 127.0.0.1 of the computer whose browser approves it. Not proved before the click: its tokens are released for
/// nothing but the code that goes that way, unless the device's name is typed as for a remote one.
/// </param>
public sealed record DeviceRequestInfo(
    string UserCode,
    PublicKey DevicePub,
    DisplayName DeviceName,
    string? Platform,
    string Address,
    bool SameComputer,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt);

/// <param name="TypedName">The device's name as its person typed it: needed of a remote request. Given for one of the same computer, it is approved as remote.</param>
public sealed record DeviceApprove(byte[] Text, byte[] Box, byte[] AccountSig, byte[] DeviceSig, string? TypedName = null) : ILimited
{
    /// <summary>nonce 24, the sealed secret 32 + 48, tag 16.</summary>
    public const int BoxSize = 120;

    string? ILimited.FindFault() =>
        Limit.NotBytes("box", Box, BoxSize)
        ?? Limit.NotBytes("accountSig", AccountSig, 64)
        ?? Limit.NotBytes("deviceSig", DeviceSig, 64)
        ?? Limit.TooLong("typedName", TypedName, 4 * DisplayName.CharsMax);
}

/// <param name="Loopback">Where the page goes now, so that the machine gets the code that releases its tokens; absent of one approved as remote.</param>
public sealed record DeviceApproved(LoopbackCode? Loopback = null);

/// <param name="Port">On 127.0.0.1.</param>
/// <param name="Code">Once.</param>
public sealed record LoopbackCode(int Port, string Code)
{
    public override string ToString() => $"loopback code for port {Port}";
}
