using System.Runtime.CompilerServices;

namespace Claudemesh.Crypto;

internal static class Length
{
    /// <summary>Native code writes and reads as much as it expects: a buffer of another size would be memory corruption.</summary>
    internal static void Require(ReadOnlySpan<byte> buffer, int size, [CallerArgumentExpression(nameof(buffer))] string name = "")
    {
        if (buffer.Length != size)
            throw new ArgumentException($"{name} has {buffer.Length} bytes where {size} are needed.", name);
    }
}
