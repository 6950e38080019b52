using System.Runtime.CompilerServices;

namespace Claudemesh.Cli.Tests;

/// <summary>Compares with a file under <c>Golden/</c>. What verbs print is a public surface: a difference is a decision, not an accident.</summary>
internal static class Golden
{
    /// <summary>Set to write the files anew; then read what changed in them.</summary>
    private const string AcceptVariable = "CLAUDEMESH_ACCEPT_GOLDEN";

    public static void Matches(string name, string actual, [CallerFilePath] string caller = "")
    {
        string folder = Path.GetDirectoryName(caller)!;
        while (!Directory.Exists(Path.Combine(folder, "Golden")))
            folder = Path.GetDirectoryName(folder)!;

        string file = Path.Combine(folder, "Golden", name);
        if (Environment.GetEnvironmentVariable(AcceptVariable) is { Length: > 0 })
            File.WriteAllText(file, actual);

        Assert.True(File.Exists(file), $"There is no {name} yet; {AcceptVariable}=1 writes it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }
}
