using System.Diagnostics;
using Claudemesh.Crypto.Sodium;

namespace Claudemesh.Crypto;

/// <summary>
/// Bytes that must not be seen: no text form, no JSON, nothing in a debugger; pinned, so that the collector leaves no copies behind,
/// and wiped on dispose. Not for use while another thread disposes it.
/// </summary>
[DebuggerDisplay("secret, {Size} bytes")]
public sealed class SecretBytes : IDisposable
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly byte[] bytes;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private bool disposed;

    public SecretBytes(ReadOnlySpan<byte> value)
        : this(value.Length) => value.CopyTo(bytes);

    internal SecretBytes(int size) => bytes = GC.AllocateArray<byte>(size, pinned: true);

    public int Size => bytes.Length;

    internal Span<byte> Writable
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes;
        }
    }

    public static SecretBytes Random(int size)
    {
        SecretBytes secret = new(size);
        RandomBytes.Fill(secret.bytes);
        return secret;
    }

    /// <summary>The bytes themselves, to be used at once or written to a protected store. Never log, never keep.</summary>
    public ReadOnlySpan<byte> Expose() => Writable;

    public override string ToString() => "(secret)";

    public void Dispose()
    {
        if (disposed)
            return;

        disposed = true;
        Native.sodium_memzero(bytes, (nuint)bytes.Length);
    }
}
