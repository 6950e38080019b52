using System.Text;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>The programs once more, in a folder where every user of the machine can run them, with a blank and an umlaut in its name.</summary>
internal sealed class Installed : IDisposable
{
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string folder = Directory.CreateTempSubdirectory("cm bin ü-").FullName;

    /// <param name="version">
    /// What they are to say of themselves, of as many letters as what they do say. It is written over the version in the files: nothing else of a
    /// release tells one from another.
    /// </param>
    public Installed(string? version = null)
    {
        File.SetUnixFileMode(folder, Everybody);
        foreach (string file in Directory.EnumerateFiles(Programs.Folder).Where(file => Path.GetFileName(file) is not "claudemesh-broker"))
        {
            byte[] content = File.ReadAllBytes(file);
            if (version is not null && !file.EndsWith(".so", StringComparison.Ordinal))
                Restamp(content, "2.0.0", version);

            string copy = Find(Path.GetFileName(file));
            File.WriteAllBytes(copy, content);
            File.SetUnixFileMode(copy, Everybody);
        }
    }

    public string Find(string program) => Path.Combine(folder, program);

    public Task<Ended> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Programs.RunAsync(Find("claudemesh"), arguments, environment);

    /// <summary>As another user of the machine, who has nothing in common with this one.</summary>
    public Task<Ended> RunAsNobodyAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only root on Linux can be another user for once.");
        return Programs.RunAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Find("claudemesh"), .. arguments], environment);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The compiler keeps a text as twice its length in one byte, and its letters; what follows the version there is no letter of one.</summary>
    private static void Restamp(byte[] program, string from, string to)
    {
        Assert.Equal(from.Length, to.Length);
        byte[] text = [(byte)(from.Length << 1), .. Encoding.ASCII.GetBytes(from)];
        int at = program.AsSpan().IndexOf(text);
        Assert.True(at >= 0 && program.AsSpan(at + 1).IndexOf(text) < 0, "The version is not exactly once in the program.");
        Encoding.ASCII.GetBytes(to).CopyTo(program, at + 1);
    }
}
