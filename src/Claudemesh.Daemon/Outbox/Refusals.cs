using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Outbox;

/// <summary>What an answer that refuses a send means for trying again.</summary>
internal static class Refusals
{
    // A refusal for good has one of these words in its text (delivery contract 12).
    private static readonly string[] WordsForGood = ["invalid", "forbidden"];

    public static bool IsForGood(Ack ack)
    {
        // The broker lets 1.x try again, because the key may join. Here it was looked up before the send was taken, so it is a mistake and is told.
        if (string.Equals(ack.Code, MeshError.NoConnectedPeer.Code, StringComparison.Ordinal))
            return true;

        return ack.Error is { } error && Array.Exists(WordsForGood, word => error.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The same message, sealed again under the present root, is taken.</summary>
    public static bool IsForStaleRoot(Ack ack) => ack.Code == MeshError.StaleEpoch.Code;

    /// <summary>True when it is this member or the broker that must wait, not one recipient.</summary>
    public static bool ConcernsEverybody(Ack ack) =>
        ack.Code is { } code && (code == MeshError.RateLimit.Code || code == MeshError.Unavailable.Code || code == MeshError.Internal.Code);
}
