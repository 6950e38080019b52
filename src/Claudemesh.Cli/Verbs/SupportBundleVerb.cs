using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Support;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh support-bundle</c></summary>
internal static class SupportBundleVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.SupportBundlePrinted);

    public static Verb Declare(Surroundings around)
    {
        var file = new Option<string?>("--out") { Description = "the file to write; claudemesh-support-TIME.tar.gz here if left out", HelpName = "FILE" };
        return new Verb("support-bundle", "Writes a file for whoever helps you: versions, the doctor's findings, sizes, the end of the log. No keys, no messages.")
        {
            Options = { file },
            Examples = ["support-bundle", "support-bundle --out bundle.tar.gz"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string name = $"claudemesh-support-{around.Clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.tar.gz";
                string path = Path.GetFullPath(parsed.GetValue(file) ?? name);
                if (File.Exists(path))
                {
                    return around.Terminal.Fail(LocalProblem.Of("file_exists", $"{path} exists already; --out names another.", 409, ExitCode.Exists));
                }

                IReadOnlyList<(string Name, byte[] Content)> files = await SupportBundle.GatherAsync(around, Verb.RootOf(parsed), cancellationToken);
                Write(around, path, files);
                var printed = new SupportBundlePrinted(path, [.. files.Select(one => one.Name)]);
                return around.Terminal.Show(printed, Shape, _ => Print(around.Terminal, printed));
            },
        };
    }

    private static void Write(Surroundings around, string path, IReadOnlyList<(string Name, byte[] Content)> files)
    {
        using var output = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var archive = new TarArchive(output, around.Clock.GetUtcNow());
        foreach ((string name, byte[] content) in files)
            archive.Add(name, content);
    }

    private static void Print(Terminal terminal, SupportBundlePrinted printed)
    {
        terminal.WriteLine(PlainText.Line(printed.Path));
        terminal.WriteLine(terminal.Dim("It names your workspaces, brokers and folders; look into it before you send it: tar -xzOf FILE | less"));
    }
}
