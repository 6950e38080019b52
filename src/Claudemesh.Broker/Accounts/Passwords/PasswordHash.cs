using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Accounts.Passwords;

/// <param name="Passes">Over the memory.</param>
internal readonly record struct PasswordCost(int MemoryKib, int Passes)
{
    /// <summary>RFC 9106 4, the second recommended choice, with the one lane that libsodium has.</summary>
    public static readonly PasswordCost Usual = new(MemoryKib: 64 * 1024, Passes: 3);

    /// <summary>A row that asks for more is not ours: the bound keeps it from taking the machine's memory.</summary>
    public const int MemoryKibMax = 1024 * 1024;

    public const int MemoryKibMin = 8;
    public const int PassesMax = 16;
}

/// <summary>What is kept of a password: <c>$argon2id$v=19$m=65536,t=3,p=1$salt$hash</c> (the PHC form), so that an older cost stays readable.</summary>
internal sealed class PasswordHash
{
    public const int HashSize = 32;

    private readonly byte[] salt;
    private readonly byte[] hash;

    private PasswordHash(PasswordCost cost, byte[] salt, byte[] hash) => (Cost, this.salt, this.hash) = (cost, salt, hash);

    public PasswordCost Cost { get; }

    public static PasswordHash Of(ReadOnlySpan<byte> password, PasswordCost cost)
    {
        byte[] made = RandomBytes.Next(Argon2id.SaltSize);
        return new PasswordHash(cost, made, Derive(password, made, cost));
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out PasswordHash? hash)
    {
        hash = null;
        if (text.Split('$') is not ["", "argon2id", "v=19", var costs, var salted, var value] || costs.Split(',') is not [var memory, var passes, "p=1"])
            return false;
        if (!TryNumber(memory, "m=", out int kib) || kib is < PasswordCost.MemoryKibMin or > PasswordCost.MemoryKibMax
            || !TryNumber(passes, "t=", out int count) || count is < 1 or > PasswordCost.PassesMax)
            return false;

        byte[] saltBytes = new byte[Argon2id.SaltSize];
        byte[] valueBytes = new byte[HashSize];
        if (!TryBytes(salted, saltBytes) || !TryBytes(value, valueBytes))
            return false;

        hash = new PasswordHash(new PasswordCost(kib, count), saltBytes, valueBytes);
        return true;
    }

    public bool Verify(ReadOnlySpan<byte> password) => CryptographicOperations.FixedTimeEquals(Derive(password, salt, Cost), hash);

    /// <summary>The form that is stored. Not <c>ToString</c>, so that no log has it by mistake.</summary>
    public string Write() => string.Create(
        CultureInfo.InvariantCulture, $"$argon2id$v=19$m={Cost.MemoryKib},t={Cost.Passes},p=1${Text(salt)}${Text(hash)}");

    public override string ToString() => "(password hash)";

    private static byte[] Derive(ReadOnlySpan<byte> password, byte[] salt, PasswordCost cost)
    {
        byte[] derived = new byte[HashSize];
        Argon2id.Derive(password, salt, cost.Passes, cost.MemoryKib * 1024, derived);
        return derived;
    }

    private static bool TryNumber(string text, string start, out int number)
    {
        number = 0;
        return text.StartsWith(start, StringComparison.Ordinal) && int.TryParse(text.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Standard base64 without its padding, as PHC writes it.</summary>
    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static bool TryBytes(string text, byte[] bytes) =>
        Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out int count) && count == bytes.Length;
}
