using Claudemesh.Broker.Accounts.Passkeys;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.SignIn;

internal enum WayIn : byte
{
    Passkey,
    Password,
    Oidc,
}

/// <summary>By what an account can be signed in: there is always one left.</summary>
internal readonly record struct WaysIn(long Passkeys, bool HasPassword, long Links)
{
    public static WaysIn Of(Sql sql, AccountNo account) => new(
        PasskeyStore.Count(sql, account),
        PasswordStore.Has(sql, account),
        sql.FindNumber("SELECT count(*) FROM oidc_link WHERE account_no = @account", ("@account", account.Value))!.Value);

    /// <summary>How many are left without one such.</summary>
    public long Without(WayIn one) => Passkeys + (HasPassword ? 1 : 0) + Links - (one switch
    {
        WayIn.Passkey => Math.Min(1, Passkeys),
        WayIn.Password => HasPassword ? 1 : 0,
        _ => Math.Min(1, Links),
    });
}
