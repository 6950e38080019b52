using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Protocol;
using Microsoft.IdentityModel.Tokens;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>One key that access tokens are, or were, signed with.</summary>
internal sealed record SigningKey(ECDsaSecurityKey Key, DateTimeOffset MadeAt);

/// <summary>
/// The P-256 keys that access tokens are signed with, newest first, in a file of their own beside the database: who copies the database cannot make
/// tokens. Without the file a new key is made, and whoever is signed in refreshes. A key that was followed by another is good for as long as the last
/// token that it may have signed, and is then forgotten.
/// </summary>
internal sealed class SigningKeys : IDisposable
{
    /// <summary>How long a key signs.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromDays(90);

    /// <summary>How long a key is good after it was followed by another.</summary>
    public static readonly TimeSpan GoodAfter = AccessTokens.Life + 2 * AccessTokens.SkewMax;

    private const string FileName = "token-keys.pem";
    private const string Label = "PRIVATE KEY";
    private const string MadeLine = "Made: ";

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly string path;
    private SigningKey[] keys;

    public SigningKeys(BrokerSettings settings, TimeProvider clock)
    {
        this.clock = clock;
        path = Path.Combine(settings.DataFolder, FileName);
        keys = File.Exists(path) ? Read(File.ReadAllText(path)) : [];
        if (keys.Length == 0 || settings.RotateTokenKeys)
            Rotate();
    }

    /// <summary>Signs.</summary>
    public ECDsaSecurityKey Current => keys[0].Key;

    /// <summary>When the current key is to be followed by another.</summary>
    public DateTimeOffset RotatesAt => keys[0].MadeAt + Age;

    /// <summary>Those whose tokens may still live, as whoever checks them needs them.</summary>
    public IEnumerable<PublicJsonWebKey> Public => Good().Select(static key => Describe(key.Key));

    public ECDsaSecurityKey? Find(string? id) => Good().FirstOrDefault(key => string.Equals(key.Key.KeyId, id, StringComparison.Ordinal))?.Key;

    /// <summary>Goes on with a new key.</summary>
    public void Rotate()
    {
        lock (gate)
        {
            SigningKey[] next = [new(Named(ECDsa.Create(ECCurve.NamedCurves.nistP256)), clock.GetUtcNow()), .. Good()];
            Write(string.Concat(next.Select(Format)));
            keys = next;
        }
    }

    public void Dispose()
    {
        foreach (SigningKey key in keys)
            key.Key.ECDsa.Dispose();
    }

    private IEnumerable<SigningKey> Good()
    {
        SigningKey[] now = keys;
        return now.Where((key, place) => place == 0 || clock.GetUtcNow() < now[place - 1].MadeAt + GoodAfter);
    }

    private static PublicJsonWebKey Describe(ECDsaSecurityKey key)
    {
        ECPoint point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new PublicJsonWebKey(
            "EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), "sig", AccessTokens.Algorithm, key.KeyId);
    }

    private static string Format(SigningKey key) =>
        $"{MadeLine}{key.MadeAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}\n{key.Key.ECDsa.ExportPkcs8PrivateKeyPem()}\n";

    private static SigningKey[] Read(ReadOnlySpan<char> text)
    {
        List<SigningKey> read = [];
        while (PemEncoding.TryFind(text, out PemFields found) && text[found.Label] is Label)
        {
            ECDsa key = ECDsa.Create();
            key.ImportFromPem(text[found.Location]);
            read.Add(new SigningKey(Named(key), MadeAt(text[..found.Location.Start])));
            text = text[found.Location.End..];
        }

        return [.. read];
    }

    /// <summary>Of a key that does not say it, so long ago that it is followed by another at once.</summary>
    private static DateTimeOffset MadeAt(ReadOnlySpan<char> before)
    {
        int at = before.LastIndexOf(MadeLine, StringComparison.Ordinal);
        return at >= 0 && DateTimeOffset.TryParseExact(
            before[(at + MadeLine.Length)..].Trim(), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset made)
            ? made : DateTimeOffset.UnixEpoch;
    }

    /// <summary>By the thumbprint of RFC 7638: the same key has the same name wherever it is read.</summary>
    private static ECDsaSecurityKey Named(ECDsa key)
    {
        // What the library would keep for all keys of the process outlives a key that was disposed of.
        ECDsaSecurityKey named = new(key) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        named.KeyId = Base64UrlEncoder.Encode(named.ComputeJwkThumbprint());
        return named;
    }

    private void Write(string pem)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string fresh = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (FileStream file = new(fresh, options))
        {
            file.Write(Encoding.ASCII.GetBytes(pem));
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
