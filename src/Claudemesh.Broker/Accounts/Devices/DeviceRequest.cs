using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Devices;

internal enum RequestState : byte
{
    Waits,
    Approved,
    Denied,

    /// <summary>Its tokens were given out: there are no others for it.</summary>
    Fetched,
}

/// <summary>A new machine that asks to be let in.</summary>
/// <param name="Account">Whose device it became; null while it waits.</param>
/// <param name="LoopbackHash">Of the code that its tokens are released for; null where they need none.</param>
/// <param name="Box">The secret for it, under what the broker does not have; null while it waits and once it was fetched.</param>
internal sealed record DeviceRequest(
    long No,
    UserCode UserCode,
    string ClientId,
    string Scope,
    PublicKey Key,
    string Name,
    string? Platform,
    string Address,
    int? LoopbackPort,
    Instant CreatedAt,
    Instant ExpiresAt,
    RequestState State,
    AccountNo? Account,
    long? Device,
    byte[]? LoopbackHash,
    byte[]? Box)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    public DeviceRequestInfo ToWire() => new(
        UserCode.Value, Key, DisplayName.Parse(Name), Platform, Address, SameComputer: LoopbackPort is not null, CreatedAt.ToTime(), ExpiresAt.ToTime());
}

internal sealed record NewDeviceRequest(string ClientId, string Scope, PublicKey Key, string Name, string? Platform, string Address, int? LoopbackPort);
