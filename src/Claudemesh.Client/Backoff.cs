using System.Buffers.Binary;
using Claudemesh.Crypto;

namespace Claudemesh.Client;

/// <summary>How long to wait before the next attempt: anything from nothing up to 1, 2, 4, 8, 16, 30, 30 … s, so that peers do not come back in step.</summary>
internal static class Backoff
{
    internal static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(30);

    /// <summary>A connection that lasted this long was a good one: the ladder starts at its first step again.</summary>
    internal static readonly TimeSpan GoodAfter = TimeSpan.FromSeconds(30);

    internal static TimeSpan StepOf(int attempt) =>
        attempt >= 6 ? DelayMax : TimeSpan.FromSeconds(1 << Math.Max(attempt - 1, 0));

    internal static TimeSpan Next(int attempt)
    {
        Span<byte> random = stackalloc byte[sizeof(uint)];
        RandomBytes.Fill(random);
        double part = BinaryPrimitives.ReadUInt32LittleEndian(random) / (double)uint.MaxValue;

        // Whole milliseconds, rounded up: a timer cuts the rest off, would end before its time, and not wait at all for less than one.
        return TimeSpan.FromMilliseconds(Math.Ceiling(StepOf(attempt).TotalMilliseconds * part));
    }
}
