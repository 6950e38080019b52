using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Claudemesh.EndToEnd.Tests;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary><c>claudemesh login</c> in a terminal of somebody's HOME: it shows a link, and waits.</summary>
internal sealed partial class LoginTerminal : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder shown = new();

    private LoginTerminal(Process process) => this.process = process;

    public string Shown
    {
        get
        {
            lock (shown)
                return shown.ToString();
        }
    }

    /// <summary>The link to open in a browser that is signed in.</summary>
    public string Link => LinkLine().Match(Shown).Value;

    public string Code => CodeLine().Match(Shown).Groups["code"].Value;

    public string Pairing => PairingLine().Match(Shown).Groups["pairing"].Value;

    public static async Task<LoginTerminal> StartAsync(Person person, Uri broker, string name, params string[] more)
    {
        ProcessStartInfo start = new(
            Programs.Find("claudemesh"), ["login", broker.ToString().TrimEnd('/'), "--no-browser", "--no-service", "--name", name, .. more])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach ((string variable, string value) in person.Environment)
            start.Environment[variable] = value;

        Process started = new() { StartInfo = start };
        LoginTerminal terminal = new(started);
        started.OutputDataReceived += (_, line) => terminal.Append(line.Data);
        started.ErrorDataReceived += (_, line) => terminal.Append(line.Data);
        started.Start();
        started.StandardInput.Close();
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        await Eventually.IsAsync("the terminal shows what to open and type", () => terminal.Pairing.Length > 0
            ? Task.FromResult<string?>(terminal.Link)
            : started.HasExited ? throw new InvalidOperationException($"The login ended: {terminal.Shown}") : Task.FromResult<string?>(null));
        return terminal;
    }

    /// <summary>Waits for the end, which is a success.</summary>
    public async Task FinishAsync() => Assert.True(await EndAsync() == 0, Shown);

    /// <summary>Waits for the end and gives its code.</summary>
    public async Task<int> EndAsync()
    {
        using CancellationTokenSource patience = new(Eventually.Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private void Append(string? line)
    {
        lock (shown)
            shown.AppendLine(line);
    }

    [GeneratedRegex(@"http://\S+/device\?code=\S+#1\.\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinkLine();

    [GeneratedRegex(@"the code\s+(?<code>[A-Z0-9]{4}-[A-Z0-9]{4})", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeLine();

    [GeneratedRegex(@"the pairing secret\s+(?<pairing>[0-9A-Z -]+?)\s*\n", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PairingLine();
}
