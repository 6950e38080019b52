using System.Reflection;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh version</c>. Asks nobody: not the daemon, and not whether there is a newer one.</summary>
internal static class VersionVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.VersionPrinted);

    /// <summary>As in <c>2.0.0</c>.</summary>
    public static string Current => typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static Verb Declare(Surroundings around) => new("version", "Prints the version of this program.")
    {
        Examples = ["version", "version --json"],
        Prints = Shape,
        RunAsync = (_, cancellationToken) => RunAsync(around, cancellationToken),
    };

    public static Task<ExitCode> RunAsync(Surroundings around, CancellationToken cancellationToken)
    {
        string version = Current;
        return Task.FromResult(around.Terminal.Show(new VersionPrinted(version), Shape, _ => around.Terminal.WriteLine($"claudemesh {version}")));
    }
}
