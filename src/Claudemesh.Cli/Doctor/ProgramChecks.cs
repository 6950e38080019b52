using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>The programs beside this one are there, run, and are of the same version.</summary>
internal static class ProgramChecks
{
    /// <summary>Beside <c>claudemesh</c>, in the same folder.</summary>
    private static readonly string[] Programs = [DaemonProgram.Name, McpVerb.Program];

    public static async Task<IEnumerable<Finding>> RunAsync(Surroundings around, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(around.Self) ?? "";
        List<Finding> findings = [];
        foreach (string program in Programs)
            findings.Add(await CheckAsync(Path.Combine(folder, program), cancellationToken));

        return findings.TrueForAll(one => one.Severity is Severities.Ok)
            ? [Finding.Ok("programs", $"{VersionVerb.Current}: {string.Join(", ", Programs.Prepend("claudemesh"))} in {folder}")]
            : findings.Where(one => one.Severity is not Severities.Ok);
    }

    private static async Task<Finding> CheckAsync(string path, CancellationToken cancellationToken)
    {
        string reinstall = $"ls -l {Shell.Quote(Path.GetDirectoryName(path) ?? "")}";
        if (!File.Exists(path))
            return Finding.Error("programs", ExitCode.NotFound, $"{path} is missing; install all programs of one release into one folder.", reinstall);

        ChildEnd end = await new ChildProgram(path, new Dictionary<string, string>(StringComparer.Ordinal)).RunAsync(["--version"], cancellationToken);
        if (end.Code is not 0)
            return Finding.Error("programs", ExitCode.Internal, $"{path} does not run: {end.LastLine}", $"{Shell.Quote(path)} --version");

        return end.Version == VersionVerb.Current
            ? Finding.Ok("programs", path)
            : Finding.Error(
                "programs", ExitCode.Internal, $"{path} is {end.Version}, and this program {VersionVerb.Current}; install all programs of one release.", reinstall);
    }
}
