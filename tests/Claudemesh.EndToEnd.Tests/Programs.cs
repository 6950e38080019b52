using System.Diagnostics;
using System.Runtime.Versioning;

[assembly: UnsupportedOSPlatform("windows")]

namespace Claudemesh.EndToEnd.Tests;

/// <summary>What a program left when it ended.</summary>
internal sealed record Ended(int Code, string Output, string Error);

/// <summary>The published programs, as a user has them: in one folder, found beside each other.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static string Folder { get; } = FindFolder();

    public static string Find(string program) => Path.Combine(Folder, program);

    public static async Task<Ended> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using CancellationTokenSource patience = new(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new Ended(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Patience}.", late);
        }
    }

    private static string FindFolder()
    {
        if (Environment.GetEnvironmentVariable("CLAUDEMESH_BINARIES") is { Length: > 0 } given)
            return Path.GetFullPath(given);

        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "artifacts", "claudemesh")))
                return Path.Combine(folder, "artifacts");
        }

        throw new InvalidOperationException("The programs are not published: run ./dev build first.");
    }

    /// <summary>The contents of every file in a folder, one after the other.</summary>
    public static byte[] ReadAll(string folder)
    {
        using MemoryStream all = new();
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            // The lock of the folder has nothing in it, and nobody else may open it.
            if (new FileInfo(file).Length == 0)
                continue;

            using FileStream from = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            from.CopyTo(all);
        }

        return all.ToArray();
    }
}
