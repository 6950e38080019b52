using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Account;

/// <summary>A login in memory: what is stored of it, and its keys. Changed by <see cref="AccountHome"/> alone, after the disk has it.</summary>
internal sealed class Login : IDisposable
{
    private volatile StoredLogin stored;
    private volatile LoginKeys? keys;

    public Login(StoredLogin stored, StoredSecrets? secrets)
    {
        this.stored = stored;
        keys = secrets is null ? null : new LoginKeys(secrets);
    }

    public StoredLogin Stored => stored;

    /// <summary>Null: logged out, or the keychain does not give them.</summary>
    public LoginKeys? Keys => keys;

    /// <summary>One request at a time may renew the access token: a refresh token is good for one use.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Only who has the <see cref="Turn"/> sets it; null where there is none that is good.</summary>
    public AccessToken? Access { get; set; }

    public bool IsToken => stored.Kind is AccountKinds.Token;

    public string State => (keys, stored.IsLoggedOut) switch
    {
        (_, true) => AccountStates.LoggedOut,
        (null, _) => AccountStates.Locked,
        ({ Secrets.Token.Length: 0 }, _) => AccountStates.SignedOut,
        _ => AccountStates.SignedIn,
    };

    /// <summary>Whether workspaces on that broker are this account's.</summary>
    public bool Serves(string broker) => Same(stored.Broker, broker) || Same(stored.Issuer, broker);

    /// <summary>What was stored is now this. The keys before are wiped unless they are the same.</summary>
    public void Become(StoredLogin now, StoredSecrets? secrets)
    {
        stored = now;
        if (ReferenceEquals(keys?.Secrets, secrets))
            return;

        // Others may be deriving from the old keys at this moment: they are left to the collector, their memory is pinned and goes with them.
        keys = secrets is null ? null : new LoginKeys(secrets);
    }

    public void Dispose()
    {
        keys?.Dispose();
        Turn.Dispose();
    }

    private static bool Same(string left, string right) => string.Equals(left.TrimEnd('/'), right.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}

/// <summary>The keys of a login.</summary>
internal sealed class LoginKeys : IDisposable
{
    private readonly AccountSecret[] earlier;

    public LoginKeys(StoredSecrets secrets)
    {
        Secrets = secrets;
        Account = secrets.Account is { Length: AccountSecret.Size } account ? new AccountSecret(account) : null;
        Device = secrets.Device is { Length: Ed25519.SeedSize } seed ? SigningKey.FromSeed(seed) : null;
        earlier = [.. secrets.Earlier.Where(one => one.Length == AccountSecret.Size).Select(one => new AccountSecret(one))];
    }

    public StoredSecrets Secrets { get; }

    /// <summary>Null with a token.</summary>
    public AccountSecret? Account { get; }

    /// <summary>Null with a token.</summary>
    public SigningKey? Device { get; }

    /// <summary>The account's secret and those before it, the newest first.</summary>
    public IEnumerable<AccountSecret> All => Account is null ? earlier : [Account, .. earlier];

    /// <summary>The member key of a workspace as this account has it; null with a token.</summary>
    public MemberSecretKey? Derive(string userId, string meshId) => Account?.DeriveMember(userId, meshId);

    /// <summary>The secret, this one or an earlier, that gives a certain member key; null when none does.</summary>
    public MemberSecretKey? Find(string userId, string meshId, PublicKey member)
    {
        foreach (AccountSecret secret in All)
        {
            MemberSecretKey key = secret.DeriveMember(userId, meshId);
            if (key.Public == member)
                return key;
            key.Dispose();
        }

        return null;
    }

    public void Dispose()
    {
        Account?.Dispose();
        Device?.Dispose();
        foreach (AccountSecret one in earlier)
            one.Dispose();
    }
}

/// <summary>Good for ten minutes, in memory only.</summary>
internal sealed class AccessToken(string text, DateTimeOffset until)
{
    // A request takes its time to arrive, and clocks differ.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    public string Text { get; } = text;

    /// <param name="asked">When its answer was asked for: it is no younger than that.</param>
    public static AccessToken Of(TokenAnswer tokens, DateTimeOffset asked) => new(tokens.AccessToken!, asked + TimeSpan.FromSeconds(Math.Clamp(tokens.ExpiresIn, 0, 3600)));

    public bool IsGood(DateTimeOffset now) => now + Margin < until;

    public override string ToString() => "(access token)";
}
