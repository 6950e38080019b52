namespace Claudemesh.Broker.Sockets;

/// <summary>32 random bytes that our hello signs: for one use, within 30 seconds (keys.md 6).</summary>
internal sealed class OneTimeChallenge(ReadOnlyMemory<byte> bytes, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly long madeAt = clock.GetTimestamp();
    private int used;

    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>True once, while it is fresh.</summary>
    public bool TryUse() => clock.GetElapsedTime(madeAt) <= Lifetime && Interlocked.Exchange(ref used, 1) == 0;
}
