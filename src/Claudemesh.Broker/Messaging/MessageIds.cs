using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>From a position on, ids of a workspace belong to this incarnation, until the next begins.</summary>
/// <param name="Bytes">16 random bytes.</param>
internal sealed record Incarnation(long FirstPosition, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// The public ids of a workspace's messages: 32 letters and digits, 8 for the position and 24 that only this broker can
/// make (delivery engine, "Schema"). So a look-up is a decode and a read by key, and whatever does not verify was never a
/// message. Ids sort like their positions. Immutable; safe for use by many threads.
/// </summary>
internal sealed class MessageIds
{
    private const int Length = MessageId.Length;

    /// <summary>The shortest beginning of an id that 1.x may ask with.</summary>
    public const int PrefixLengthMin = PositionLength;

    private const int PositionLength = 8;
    private const int TagWords = (Length - PositionLength) / WordLength;
    private const int WordLength = 8;
    private const int InputSize = 32;
    private const int IncarnationSize = 16;

    private readonly MeshNo mesh;
    private readonly HmacSha256Key key;
    private readonly ImmutableArray<Incarnation> incarnations;

    /// <param name="incarnations">By position, the first from 0 or 1 on.</param>
    public MessageIds(MeshNo mesh, HmacSha256Key key, ImmutableArray<Incarnation> incarnations)
    {
        if (incarnations.IsEmpty || incarnations.Any(one => one.Bytes.Length != IncarnationSize))
            throw new ArgumentException("A workspace has at least one incarnation, each of 16 bytes.", nameof(incarnations));

        this.mesh = mesh;
        this.key = key;
        this.incarnations = incarnations;
    }

    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    public MessageId Of(MessageRef message)
    {
        Span<byte> ascii = stackalloc byte[Length];
        Write(message.Position, ascii);
        return MessageId.TryParse(ascii, out MessageId id) ? id : throw new UnreachableException();
    }

    /// <summary>Writes the 32 characters of an id in ASCII.</summary>
    public void Write(MessageRef message, Span<byte> destination) => Write(message.Position, destination);

    /// <returns>False when no message of this workspace can have that id.</returns>
    public bool TryFind(MessageId id, out MessageRef message) => TryFind(id.Utf8, out message);

    /// <summary>
    /// Reads an id without checking that this broker made it. Only for what can do no harm if it did not: the core takes an
    /// acknowledgement for nothing but what the same reader was pushed, and a broadcast has thousands of them.
    /// </summary>
    public bool TryReadUnproven(MessageId id, out MessageRef message)
    {
        bool isRead = TryReadPosition(id.Utf8, out long position);
        message = new MessageRef(mesh, position);
        return isRead;
    }

    /// <summary>Reads an id, or at least the first eight characters of one.</summary>
    /// <returns>False when no message of this workspace can have an id that begins so.</returns>
    public bool TryFindPrefix(ReadOnlySpan<char> text, out MessageRef message)
    {
        Span<byte> ascii = stackalloc byte[Length];
        message = default;
        return text.Length is >= PrefixLengthMin and <= Length
            && Ascii.FromUtf16(text, ascii, out int length) == OperationStatus.Done
            && TryFind(ascii[..length], out message);
    }

    private bool TryFind(ReadOnlySpan<byte> given, out MessageRef message)
    {
        message = default;
        if (!TryReadPosition(given, out long position))
            return false;

        Span<byte> expected = stackalloc byte[Length];
        Write(position, expected);
        if (!CryptographicOperations.FixedTimeEquals(given, expected[..given.Length]))
            return false;

        message = new MessageRef(mesh, position);
        return true;
    }

    private static bool TryReadPosition(ReadOnlySpan<byte> text, out long position)
    {
        position = 0;
        foreach (byte letter in text[..PositionLength])
        {
            int digit = letter switch
            {
                >= (byte)'0' and <= (byte)'9' => letter - '0',
                >= (byte)'A' and <= (byte)'Z' => letter - 'A' + 10,
                >= (byte)'a' and <= (byte)'z' => letter - 'a' + 36,
                _ => -1,
            };
            if (digit < 0)
                return false;

            position = position * 62 + digit;
        }

        return position is > 0 and <= MessageRef.PositionMax;
    }

    [SkipLocalsInit]
    private void Write(long position, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[InputSize];
        BinaryPrimitives.WriteInt64BigEndian(input, mesh.Value);
        IncarnationAt(position).Span.CopyTo(input[8..]);
        BinaryPrimitives.WriteInt64BigEndian(input[(8 + IncarnationSize)..], position);

        Span<byte> tag = stackalloc byte[HmacSha256.Size];
        key.Compute(input, tag);

        WriteWord((ulong)position, destination[..PositionLength]);
        for (int word = 0; word < TagWords; word++)
        {
            WriteWord(
                BinaryPrimitives.ReadUInt64BigEndian(tag[(word * sizeof(ulong))..]),
                destination.Slice(PositionLength + word * WordLength, WordLength));
        }
    }

    /// <summary>The number's last eight digits to the base 62.</summary>
    private static void WriteWord(ulong number, Span<byte> destination)
    {
        const uint FourDigits = 62 * 62 * 62 * 62;
        (ulong rest, ulong low) = Math.DivRem(number, FourDigits);
        WriteHalf((uint)(rest % FourDigits), destination[..(WordLength / 2)]);
        WriteHalf((uint)low, destination[(WordLength / 2)..]);
    }

    private static void WriteHalf(uint number, Span<byte> destination)
    {
        for (int i = WordLength / 2 - 1; i >= 0; i--)
        {
            (number, uint digit) = Math.DivRem(number, 62u);
            destination[i] = Digits[(int)digit];
        }
    }

    private ReadOnlyMemory<byte> IncarnationAt(long position)
    {
        int i = incarnations.Length - 1;
        while (i > 0 && incarnations[i].FirstPosition > position)
            i--;

        return incarnations[i].Bytes;
    }
}
