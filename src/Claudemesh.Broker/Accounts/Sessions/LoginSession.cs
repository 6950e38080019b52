using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Sessions;

internal enum LoginKind : byte
{
    Browser = 1,
    Device = 2,
}

/// <summary>One browser or device that is signed in to an account. Tokens name it and are good for as long as it is.</summary>
/// <param name="Id">The <c>sid</c> of its tokens.</param>
/// <param name="Device">The device's key, of a device.</param>
/// <param name="AuthenticatedAt">When its person last proved who he is: what is dangerous asks for that again.</param>
/// <param name="ExpiresAt">Moves on with each refresh.</param>
internal sealed record LoginSession(
    long No,
    string Id,
    AccountNo Account,
    LoginKind Kind,
    PublicKey? Device,
    string Name,
    string Address,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset AuthenticatedAt,
    DateTimeOffset ExpiresAt)
{
    /// <summary>How long a proof is fresh.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(5);

    /// <summary>How long one may be away and still be signed in.</summary>
    public static readonly TimeSpan LifeOfBrowser = TimeSpan.FromDays(30);
    public static readonly TimeSpan LifeOfDevice = TimeSpan.FromDays(180);

    public DateTimeOffset FreshUntil => AuthenticatedAt + FreshFor;

    public bool IsFresh(DateTimeOffset now) => now < FreshUntil;

    public static TimeSpan LifeOf(LoginKind kind) => kind is LoginKind.Browser ? LifeOfBrowser : LifeOfDevice;
}

/// <param name="Name">What a list shows: a browser's or a machine's name.</param>
/// <param name="IsFresh">Whether its person has proved just now, on this very browser or device, that it is he.</param>
internal sealed record NewLogin(AccountNo Account, LoginKind Kind, PublicKey? Device, string Name, string Address, bool IsFresh = true);
