using System.Collections;
using System.Runtime.Versioning;

namespace Claudemesh.Local;

/// <summary>Runs another program to its end, without a terminal, and reads what it said.</summary>
/// <param name="program">Its file, absolute.</param>
/// <param name="changes">Variables that it gets beside those of this process.</param>
[UnsupportedOSPlatform("windows")]
public sealed class ChildProgram(string program, IReadOnlyDictionary<string, string> changes)
{
    /// <summary>The longest that it may take. Starting a program of this kind on a loaded machine takes seconds.</summary>
    public static readonly TimeSpan RunMax = TimeSpan.FromSeconds(60);

    private const int SaidCharactersMax = 4096;

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    // Another process lives by the machine's own time.
    private static readonly TimeProvider Clock = TimeProvider.System;

    public static Dictionary<string, string> CopyEnvironment()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
            environment[(string)one.Key] = (string?)one.Value ?? "";

        return environment;
    }

    public async Task<ChildEnd> RunAsync(IEnumerable<string> words, CancellationToken cancellationToken)
    {
        Dictionary<string, string> environment = CopyEnvironment();
        foreach ((string name, string value) in changes)
            environment[name] = value;

        string folder = Directory.CreateTempSubdirectory("claudemesh-").FullName;
        try
        {
            string output = Path.Combine(folder, "output");
            (int pid, int error) = DetachedProcess.Start(program, words, environment, folder, output);
            if (error != 0)
                return new ChildEnd(null, new System.ComponentModel.Win32Exception(error).Message);

            int? code = await WaitAsync(pid, cancellationToken);
            return code is null
                ? new ChildEnd(null, $"it did not end within {RunMax.TotalSeconds:0} s")
                : new ChildEnd(code, Shorten(await File.ReadAllTextAsync(output, cancellationToken)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int?> WaitAsync(int pid, CancellationToken cancellationToken)
    {
        long begun = Clock.GetTimestamp();
        bool hasEnded = false;
        try
        {
            while (Clock.GetElapsedTime(begun) < RunMax)
            {
                if (DetachedProcess.FindExitCode(pid) is { } code)
                {
                    hasEnded = true;
                    return code;
                }

                await Task.Delay(PollEvery, Clock, cancellationToken);
            }

            return null;
        }
        finally
        {
            if (!hasEnded)
                DetachedProcess.KillSession(pid);
        }
    }

    private static string Shorten(string said) => said.Trim() is { Length: > SaidCharactersMax } longer ? longer[..SaidCharactersMax] : said.Trim();
}

/// <param name="Code">Null: it could not be started, or did not end.</param>
/// <param name="Said">To standard output and standard error; why there is no code, when there is none.</param>
public sealed record ChildEnd(int? Code, string Said)
{
    /// <summary>What one of our programs says of itself with <c>--version</c>: its name and this.</summary>
    public string Version => LastLine.Split(' ')[^1];

    /// <summary>What it said last, for one line of ours.</summary>
    public string LastLine => Said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {Code}";
}
