using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

internal static class Texts
{
    /// <summary>Enough for every signed text but a message's; those rent.</summary>
    internal const int StackBytes = 768;

    /// <exception cref="ArgumentException">The text has no encoding.</exception>
    internal static SignedBytes Write<T>(scoped in T text, Span<byte> initial)
        where T : ISignable
    {
        SignedBytes bytes = new(initial);
        text.WriteTo(ref bytes);
        bytes.ThrowIfMalformed();
        return bytes;
    }
}
