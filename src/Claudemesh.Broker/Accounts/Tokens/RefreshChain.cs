using System.Security.Cryptography;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>What a refresh token is, of those of its session.</summary>
internal enum RefreshStanding : byte
{
    /// <summary>The one that is good now: exchanged for the next.</summary>
    Live,

    /// <summary>
    /// The one before, whose answer may have been lost on its way: exchanged once more. The token of that first answer is good no longer, so of two
    /// who hold the same one only the one who asked last goes on, and when the other comes with what he was given, the session ends for both.
    /// </summary>
    Repeated,

    /// <summary>Two have it, and it is not known which of them stole it: the session ends.</summary>
    Reused,
}

/// <summary>What is kept of the refresh tokens of one session, as hashes.</summary>
/// <param name="Previous">What the live one was given for; null before the first exchange.</param>
/// <param name="ExchangedAt">When the previous one was exchanged first. Repeating it does not move that.</param>
internal sealed record RefreshChain(long Session, byte[] Live, byte[]? Previous, Instant? ExchangedAt)
{
    /// <summary>How long an answer that was lost may be asked for again. Once the token of that answer was used, it may not.</summary>
    public static readonly TimeSpan RepeatWindow = TimeSpan.FromSeconds(60);

    public RefreshStanding StandingOf(RefreshToken token, Instant now)
    {
        byte[] hash = token.Hash();
        if (CryptographicOperations.FixedTimeEquals(hash, Live))
            return RefreshStanding.Live;

        return Previous is not null && CryptographicOperations.FixedTimeEquals(hash, Previous) && now <= ExchangedAt!.Value + RepeatWindow
            ? RefreshStanding.Repeated
            : RefreshStanding.Reused;
    }
}
