using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Claudemesh.Daemon.Storage;

/// <summary>
/// Brings the database to this build's shape: numbered scripts embedded in the program, remembered by file name and SHA-256. A script that was changed,
/// is missing or comes out of order stops the start with its name.
/// </summary>
internal static class Migrations
{
    private const string Prefix = "Claudemesh.Daemon.Storage.Migrations.";

    public static void Apply(Sql sql, TimeProvider clock) => Apply(sql, clock, ReadScripts());

    internal static void Apply(Sql sql, TimeProvider clock, IReadOnlyList<(string Name, string Text)> scripts)
    {
        sql.RunScript("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) WITHOUT ROWID");
        List<(string Name, string Sha256)> applied =
            sql.Query("SELECT name, sha256 FROM migration ORDER BY name", row => (row.GetString(0), row.GetString(1)));

        for (int i = 0; i < applied.Count; i++)
        {
            if (i >= scripts.Count || !string.Equals(scripts[i].Name, applied[i].Name, StringComparison.Ordinal))
                throw new InvalidDataException($"The database was changed by {applied[i].Name}, which this claudemeshd does not have there: it is of a newer version.");
            if (!string.Equals(Hash(scripts[i].Text), applied[i].Sha256, StringComparison.Ordinal))
                throw new InvalidDataException($"{applied[i].Name} is not the script that was applied to this database.");
        }

        foreach ((string name, string text) in scripts.Skip(applied.Count))
        {
            sql.RunScript("BEGIN IMMEDIATE");
            try
            {
                sql.RunScript(text);
                sql.Execute("INSERT INTO migration VALUES ($1, $2, $3)", name, Hash(text), clock.GetUtcNow().ToUnixTimeMilliseconds());
                sql.RunScript("COMMIT");
            }
            catch
            {
                sql.RunScript("ROLLBACK");
                throw;
            }
        }
    }

    private static List<(string Name, string Text)> ReadScripts()
    {
        Assembly assembly = typeof(Migrations).Assembly;
        var scripts = new List<(string, string)>();
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            scripts.Add((resource[Prefix.Length..], reader.ReadToEnd()));
        }

        return scripts;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
