using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>A passkey as it is told.</summary>
internal static class PasskeyNews
{
    public static PasskeyInfo InfoOf(Passkey passkey, bool recovers) => new(
        passkey.Id, DisplayName.Parse(passkey.Name), passkey.CreatedAt, passkey.BackedUp, recovers, passkey.LastUsedAt);
}
