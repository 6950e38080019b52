using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Storage;

/// <summary>One numbered file: <c>0007-what-it-does.sql</c>, or <c>0007-what-it-does.postgres.sql</c> for that database alone.</summary>
internal sealed record Migration(string FileName, string Sql)
{
    /// <summary>Of the file as it lies in the repository, with line ends as LF, in lower-case hexadecimal.</summary>
    public string Sha256 => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>False for a file that is another database's own.</summary>
    public bool IsFor(Dialect dialect) =>
        FileName.Split('.') is not [_, var database, "sql"] || database.Equals(dialect.Name, StringComparison.Ordinal);

    public int Number => FileName.Length > 5 && FileName[4] == '-'
        && int.TryParse(FileName.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new MigrationException(FileName, "is not named like 0001-name.sql");
}

/// <summary>The database and the files of this program do not fit; the start stops.</summary>
internal sealed class MigrationException(string fileName, string why)
    : Exception($"Migration {fileName} {why}.")
{
    public string FileName { get; } = fileName;
}

/// <summary>
/// Brings a database to the shape that this program needs. What was applied is remembered by file name and SHA-256; a file
/// that was changed, is missing or comes out of order stops the start, because nobody can say then what the tables hold.
/// </summary>
internal static class Migrations
{
    private const string Prefix = "Claudemesh.Broker.Storage.Migrations.";

    /// <summary>The files that are part of this program, by number.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = ReadEmbedded();

    /// <summary>Applies what is not applied yet, each file in a transaction of its own, all under the database's write lock.</summary>
    public static void Apply(ISqlSession session, IReadOnlyList<Migration> all, Dialect dialect, Instant now)
    {
        List<Migration> files = [.. all.Where(file => file.IsFor(dialect))];
        session.Execute(dialect.BeginAlone);
        try
        {
            session.Execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migration (
                  number INT PRIMARY KEY, file_name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)
                """);
            List<(string FileName, string Sha256)> applied = session.Sql.List(
                "SELECT file_name, sha256 FROM schema_migration ORDER BY number",
                static row => (row.GetString(0), row.GetString(1)));
            Verify(applied, files);

            foreach (Migration file in files.Skip(applied.Count))
            {
                session.Execute(dialect.Translate(file.Sql));
                session.Sql.Execute(
                    "INSERT INTO schema_migration (number, file_name, sha256, applied_at) VALUES (@number, @name, @sha, @at)",
                    ("@number", file.Number), ("@name", file.FileName), ("@sha", file.Sha256), ("@at", now.Micros));
            }

            session.Execute("COMMIT");
        }
        catch
        {
            session.RollBackIfOpen();
            throw;
        }
    }

    /// <summary>What was applied must be the first of the files, unchanged.</summary>
    private static void Verify(List<(string FileName, string Sha256)> applied, List<Migration> files)
    {
        for (int i = 1; i < files.Count; i++)
        {
            if (files[i].Number <= files[i - 1].Number)
                throw new MigrationException(files[i].FileName, $"has no number of its own above {files[i - 1].FileName}");
        }

        for (int i = 0; i < applied.Count; i++)
        {
            (string name, string sha) = applied[i];
            Migration? file = files.Find(candidate => name.Equals(candidate.FileName, StringComparison.Ordinal));
            if (file is null)
                throw new MigrationException(name, "was applied to this database and is missing from this program (is it older than the database?)");

            if (!sha.Equals(file.Sha256, StringComparison.Ordinal))
                throw new MigrationException(name, "was changed after it was applied to this database");

            if (files[i] != file)
                throw new MigrationException(files[i].FileName, $"comes before {name}, which was applied without it");
        }
    }

    private static List<Migration> ReadEmbedded()
    {
        Assembly assembly = typeof(Migrations).Assembly;
        List<Migration> files = [];
        foreach (string name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;

            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            files.Add(new Migration(name[Prefix.Length..], reader.ReadToEnd()));
        }

        return files;
    }
}
