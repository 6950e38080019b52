// RFC 6238 over RFC 4226: HMAC-SHA-1, 30 s, 6 digits, what every authenticator app does. Secret 20 bytes.

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Claudemesh.Broker.Accounts.SecondFactor;

/// <summary>The codes of an authenticator app.</summary>
internal static class Totp
{
    public const int SecretSize = 20;
    public const int Digits = 6;
    public const int StepSeconds = 30;

    /// <summary>Steps that the clock of who shows the code may be off, either way.</summary>
    private const int SkewSteps = 1;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 as every authenticator has it. HMAC does not need what SHA-1 has lost.")]
    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        int offset = hash[^1] & 0xf;
        int number = (BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & 0x7fff_ffff) % 1_000_000;
        return number.ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, later than <paramref name="lastUsed"/>; null: none is. A step is used once.</summary>
    public static long? FindStep(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long lastUsed)
    {
        long? found = null;
        for (long step = StepAt(now) - SkewSteps; step <= StepAt(now) + SkewSteps; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(code)) && step > lastUsed)
                found ??= step;
        }

        return found;
    }

    /// <summary>RFC 4648, without padding.</summary>
    public static string Write(ReadOnlySpan<byte> secret)
    {
        StringBuilder text = new(secret.Length * 8 / 5 + 1);
        int bits = 0;
        int held = 0;
        foreach (byte value in secret)
        {
            held = (held << 8) | value;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(Base32[(held >> (bits - 5)) & 31]);
            held &= (1 << bits) - 1;
        }

        if (bits > 0)
            text.Append(Base32[(held << (5 - bits)) & 31]);
        return text.ToString();
    }

    public static string Uri(string issuer, string username, string secret)
    {
        string from = System.Uri.EscapeDataString(issuer);
        return $"otpauth://totp/{from}:{System.Uri.EscapeDataString(username)}?secret={secret}&issuer={from}";
    }
}
