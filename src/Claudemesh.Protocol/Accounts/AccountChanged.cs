using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Tells the devices of an account that something of it has changed: they ask for it again.</summary>
public sealed record AccountChanged(AccountChange What) : IEvent
{
    public static string WireType => "account_changed";
}

[JsonConverter(typeof(WordConverter<AccountChange>))]
public enum AccountChange
{
    [JsonStringEnumMemberName("device_added")]
    DeviceAdded,

    [JsonStringEnumMemberName("device_removed")]
    DeviceRemoved,

    /// <summary>The account has another secret: each device fetches its copy.</summary>
    Renewed,

    Vault,

    /// <summary>Another workspace belongs to it, or one no longer.</summary>
    Workspaces,

    /// <summary>A session of it was ended.</summary>
    [JsonStringEnumMemberName("signed_out")]
    SignedOut,
}
