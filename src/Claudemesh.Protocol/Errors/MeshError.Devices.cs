namespace Claudemesh.Protocol;

/// <content>Refusals about an account's devices and keys.</content>
public sealed partial record MeshError
{
    public static MeshError DeviceRequestNotFound { get; } =
        new("device_request_not_found", "The code is invalid: no machine waits with it. Read it again from that machine, or start the login there anew.", 404);

    /// <summary>Somebody was quicker, perhaps another device of the same account.</summary>
    public static MeshError DeviceRequestDecided { get; } =
        new("device_request_decided", "The code is invalid now: this request was approved or denied already. List the devices to see what became of it.", 409);

    public static MeshError DeviceRequestExpired { get; } =
        new("device_request_expired", "The code is invalid now: its ten minutes are over. Start the login on that machine anew.", 410);

    public static MeshError UserCodeRate { get; } =
        new("user_code_rate", "Too many codes that no machine waits with. Wait as long as Retry-After says, and read the code again.", 429) { Retryable = true };

    /// <summary>The sentence says which part of the text is not what it must be.</summary>
    public static MeshError ApprovalRefused { get; } =
        new("approval_refused", "The approval is invalid: its signed text is not about this request and this account. Approve again from a device of the account.", 400);

    /// <summary>A remote request.</summary>
    public static MeshError DeviceNameNotTyped { get; } =
        new("device_name_not_typed", "The typedName is invalid: another computer will become you, so type that device's name exactly as it is shown.", 400);

    public static MeshError NoAccountKey { get; } =
        new("no_account_key", "Asking for the account's key is invalid as yet: no device has made its secret. Sign in on the page or with claudemesh login first.", 404);

    public static MeshError AccountKeyExists { get; } =
        new("account_key_exists", "Another first key is invalid: the account has one. Throw this one away, and have this device approved by another.", 409);

    /// <summary>The sentence says which of them.</summary>
    public static MeshError AccountTextRefused { get; } =
        new("account_text_refused", "The signed text is invalid: it is not of this account, or a signature of it is wrong. Read the account's key and sign again.", 400);

    /// <summary>Signed with a key that is not, or no longer, the account's.</summary>
    public static MeshError AccountKeyMoved { get; } =
        new("account_key_moved", "The generation is invalid: the account has another key now. Read it, open this device's copy, and try again.", 409);

    /// <summary>Times of signed texts may be ten minutes off.</summary>
    public static MeshError ClockSkew { get; } =
        new("clock_skew", "The signed time is invalid: this device's clock differs from the broker's by more than ten minutes. Set it right and try again.", 400);

    public static MeshError DeviceNotFound { get; } =
        new("device_not_found", "The device is invalid: the account has none with this key. List the devices.", 404);

    /// <summary>Only another device lets it in again.</summary>
    public static MeshError DeviceRemoved { get; } =
        new("device_removed", "This is forbidden for a device that was removed from the account. Log in on it anew and have it approved.", 403);

    public static MeshError TooManyDevices { get; } =
        new("too_many_devices", "Another device is invalid now: an account has at most 100. Remove some.", 429);

    /// <summary>What the renewal says of the devices is not what they are.</summary>
    public static MeshError DevicesChanged { get; } =
        new("devices_changed", "The renewal is invalid: the devices that it removes and seals to are not those of the account. List them and make it again.", 409);

    public static MeshError TooManyRenewals { get; } =
        new("too_many_renewals", "Another renewal is forbidden: an account's key may change 1,000 times. Make another account.", 403);

    public static MeshError RenewalNotFound { get; } =
        new("renewal_not_found", "The generation is invalid: no renewal made it. Read the account's key.", 404);

    public static MeshError BadRecoveryBlob { get; } =
        new("bad_recovery_blob", "The blob is invalid: it must have 77 bytes, begin with CMR1 and be of the kind that the path says.", 400);

    public static MeshError RecoveryNotFound { get; } =
        new("recovery_not_found", "The id is invalid: the account has no such way of recovery. List them.", 404);

    public static MeshError TooManyRecoveries { get; } =
        new("too_many_recoveries", "Another way of recovery is invalid now: an account has at most 50. Remove some.", 429);

    /// <summary>Somebody was quicker.</summary>
    public static MeshError VaultMoved { get; } =
        new("vault_moved", "The version is invalid: the vault has gone on. Read it, put your change into it, and write one above the version it has.", 409);
}
