using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Doctor;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Support;

/// <summary>
/// What helps somebody else to find out what is wrong here: versions, the doctor's findings, connections, sizes, and the end of the log. The inbox, the
/// outbox and the keys are in the database, and nothing of it is read but how many rows its tables have.
/// </summary>
internal static class SupportBundle
{
    private const int LogBytesMax = 512 * 1024;

    /// <param name="root">The whole program, for the doctor.</param>
    /// <returns>Names and contents, in the order in which somebody would read them.</returns>
    public static async Task<IReadOnlyList<(string Name, byte[] Content)>> GatherAsync(Surroundings around, Verb root, CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> findings = await Examination.RunAsync(around, root, cancellationToken);
        LocalReply<DaemonStatus> status = await around.Daemon.AskRunningAsync((daemon, token) => daemon.GetStatusAsync(token), cancellationToken);
        LocalReply<Checkup> checkup = await around.Daemon.AskRunningAsync((daemon, token) => daemon.CheckAsync(null, token), cancellationToken);
        return
        [
            Text("about.txt", About(around)),
            Text("doctor.json", Json(DoctorPrinted.Of(findings), CliJson.Default.DoctorPrinted)),
            Text("status.json", status.Succeeded ? Json(status.Value, LocalJson.Default.DaemonStatus) : status.Problem.Detail),
            Text("checkup.json", checkup.Succeeded ? Json(checkup.Value, LocalJson.Default.Checkup) : checkup.Problem.Detail),
            Text("files.txt", Files(around.Home)),
            Text("daemon.log", End(around.Home.LogFile)),
            Text("daemon.out", End(Path.Combine(around.Home.Folder, "daemon.out"))),
        ];
    }

    private static (string Name, byte[] Content) Text(string name, string text) => ("claudemesh-support/" + name, Encoding.UTF8.GetBytes(Redaction.Of(text)));

    private static string Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type) + "\n";

    // Names of variables only: what some of them hold is a secret.
    private static string About(Surroundings around) => $"""
        claudemesh {VersionVerb.Current}
        {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors
        written at {around.Clock.GetUtcNow():u}
        program {around.Self}
        folder {around.Home.Folder}
        variables set: {string.Join(' ', ChildProgram.CopyEnvironment().Keys.Where(IsOurs).Order(StringComparer.Ordinal))}

        """;

    private static bool IsOurs(string variable) =>
        variable.StartsWith("CLAUDE", StringComparison.Ordinal) || variable.StartsWith("XDG_", StringComparison.Ordinal) || variable.StartsWith("SSL_CERT", StringComparison.Ordinal)
        || variable.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase) || variable is "TERM" or "NO_COLOR" or "LANG" or "SHELL";

    private static string Files(DaemonHome home)
    {
        if (!Directory.Exists(home.Folder))
            return "There is no folder yet.\n";

        return Table.Of(
        [
            .. Directory.EnumerateFileSystemEntries(home.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(1000).Select(path => new[]
            {
                Convert.ToString((int)File.GetUnixFileMode(path), 8),
                File.Exists(path) ? new FileInfo(path).Length.ToString(System.Globalization.CultureInfo.InvariantCulture) : "-",
                PlainText.Line(Path.GetRelativePath(home.Folder, path)),
            }),
        ]);
    }

    /// <summary>Whole lines, from the end.</summary>
    private static string End(string path)
    {
        if (!File.Exists(path))
            return "";

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        bool isCut = file.Length > LogBytesMax;
        if (isCut)
            file.Position = file.Length - LogBytesMax;

        using var reader = new StreamReader(file);
        string text = reader.ReadToEnd();
        return isCut ? text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..] : text;
    }
}
