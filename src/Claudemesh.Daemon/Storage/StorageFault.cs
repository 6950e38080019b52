using Claudemesh.Local;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Storage;

/// <summary>Why this daemon's own files could not be read or written, for the person whose files they are.</summary>
internal static class StorageFault
{
    // SQLite's primary result codes (sqlite.org/rescode.html).
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <returns>Null when it is a fault of another kind: a bug.</returns>
    public static LocalProblem? Explain(Exception error, DaemonHome home) => error switch
    {
        SqliteException { SqliteErrorCode: Full } => TellFull(home),
        // To open a database that has not been closed in good order takes room too, and SQLite does not say that it was that.
        SqliteException { SqliteErrorCode: CannotOpen } or IOException when DiskFault.IsFull(home.Folder) => TellFull(home),
        IOException full when DiskFault.IsFull(full) => TellFull(home),
        SqliteException { SqliteErrorCode: ReadOnly or CannotOpen } => Cannot(home, "it may not be written"),
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => LocalProblem.Of(
            LocalErrors.Internal, $"{home.Database} is damaged. Stop the daemon (`claudemesh daemon down`), put that file aside and join again; broken disks do this.", 500, ExitCode.Io),
        SqliteException or IOException or UnauthorizedAccessException => Cannot(home, DiskFault.Explain(error)),
        _ => null,
    };

    private static LocalProblem TellFull(DaemonHome home) => LocalProblem.Of(LocalErrors.DiskFull, DiskFault.TellFull(home.Folder), 507, ExitCode.Io, retryable: true);

    private static LocalProblem Cannot(DaemonHome home, string why) =>
        LocalProblem.Of(LocalErrors.Internal, $"The daemon cannot use its files in {home.Folder}: {why}. `claudemesh doctor` looks at them.", 500, ExitCode.Io, retryable: true);
}
