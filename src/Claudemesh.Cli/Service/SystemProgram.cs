using Claudemesh.Local;

namespace Claudemesh.Cli.Service;

/// <summary>Programs of the operating system.</summary>
internal static class SystemProgram
{
    /// <returns>Null when no folder of PATH has it.</returns>
    public static string? Find(Surroundings around, string name) => (around.Variable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <returns>Code null where it is not there.</returns>
    public static async Task<ChildEnd> RunAsync(Surroundings around, string name, string[] words, CancellationToken cancellationToken) =>
        Find(around, name) is { } path
            ? await new ChildProgram(path, new Dictionary<string, string>(StringComparer.Ordinal)).RunAsync(words, cancellationToken)
            : new ChildEnd(null, $"{name} is not installed");
}
