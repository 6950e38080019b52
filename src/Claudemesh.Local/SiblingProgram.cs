namespace Claudemesh.Local;

/// <summary>The programs are installed in one folder and find each other there.</summary>
public static class SiblingProgram
{
    /// <summary>Where <paramref name="name"/> is beside this process; it need not exist.</summary>
    public static string Find(string name)
    {
        string self = Environment.ProcessPath ?? "";
        // A package manager may have put a link to us somewhere else than the others.
        string real = File.ResolveLinkTarget(self, returnFinalTarget: true)?.FullName ?? self;
        return Path.Combine(Path.GetDirectoryName(real) ?? "", name);
    }
}
