using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>
/// The P-256 keys that access tokens are signed with, newest first, in a file of their own beside the database: who copies the database cannot make
/// tokens. Without the file a new key is made, and whoever is signed in refreshes.
/// </summary>
internal sealed class SigningKeys : IDisposable
{
    private const string FileName = "token-keys.pem";
    private const string Label = "PRIVATE KEY";

    private readonly string path;
    private ECDsaSecurityKey[] keys;

    public SigningKeys(BrokerSettings settings)
    {
        path = Path.Combine(settings.DataFolder, FileName);
        keys = File.Exists(path) ? Read(File.ReadAllText(path)) : [];
        if (keys.Length == 0)
            Rotate();
    }

    /// <summary>Signs.</summary>
    public ECDsaSecurityKey Current => keys[0];

    /// <summary>Those whose tokens are good: the current one, and the one before, whose last token may still live.</summary>
    public IReadOnlyList<ECDsaSecurityKey> All => keys;

    public ECDsaSecurityKey? Find(string? id) => Array.Find(keys, key => string.Equals(key.KeyId, id, StringComparison.Ordinal));

    /// <summary>Goes on with a new key; of the old ones the last is good for what it has signed.</summary>
    public void Rotate()
    {
        ECDsaSecurityKey[] next = [Named(ECDsa.Create(ECCurve.NamedCurves.nistP256)), .. keys.Take(1)];
        Write(string.Join('\n', next.Select(static key => key.ECDsa.ExportPkcs8PrivateKeyPem())) + "\n");
        keys = next;
    }

    public void Dispose()
    {
        foreach (ECDsaSecurityKey key in keys)
            key.ECDsa.Dispose();
    }

    private static ECDsaSecurityKey[] Read(ReadOnlySpan<char> text)
    {
        List<ECDsaSecurityKey> read = [];
        while (PemEncoding.TryFind(text, out PemFields found) && text[found.Label] is Label)
        {
            ECDsa key = ECDsa.Create();
            key.ImportFromPem(text[found.Location]);
            read.Add(Named(key));
            text = text[found.Location.End..];
        }

        return [.. read];
    }

    /// <summary>By the thumbprint of RFC 7638: the same key has the same name wherever it is read.</summary>
    private static ECDsaSecurityKey Named(ECDsa key)
    {
        ECDsaSecurityKey named = new(key);
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
            file.Write(System.Text.Encoding.ASCII.GetBytes(pem));
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
