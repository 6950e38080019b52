using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Claudemesh.Daemon.Account;

/// <summary>libsecret by its own program: what GNOME's and KDE's keychains speak. Secrets go by standard input, never by the list of processes.</summary>
/// <param name="path">Of <c>secret-tool</c>.</param>
internal sealed class SecretTool(string path) : ISecretStore
{
    public const string Program = "secret-tool";

    public string Name => "libsecret";

    public async Task<bool> KeepAsync(string key, byte[] secret, CancellationToken cancellationToken) =>
        (await AskedProgram.RunAsync(path, ["store", "--label=claudemesh account", .. Attributes(key)], Convert.ToBase64String(secret), cancellationToken)).Code == 0;

    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        (int code, string said) = await AskedProgram.RunAsync(path, ["lookup", .. Attributes(key)], "", cancellationToken);
        return code == 0 ? AskedProgram.TryDecode(said) : null;
    }

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => AskedProgram.RunAsync(path, ["clear", .. Attributes(key)], "", cancellationToken);

    private static string[] Attributes(string key) => ["service", "claudemesh", "account", key];
}

/// <summary>The login keychain of macOS. Its program takes commands by standard input, so that no secret is an argument.</summary>
internal sealed class MacKeychain : ISecretStore
{
    public const string Program = "/usr/bin/security";

    public string Name => "keychain";

    public async Task<bool> KeepAsync(string key, byte[] secret, CancellationToken cancellationToken) => (await AskedProgram.RunAsync(
        Program, ["-i"], $"add-generic-password -U -s claudemesh -a {Quote(key)} -w {Convert.ToBase64String(secret)}\n", cancellationToken)).Code == 0;

    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        (int code, string said) = await AskedProgram.RunAsync(Program, ["find-generic-password", "-s", "claudemesh", "-a", key, "-w"], "", cancellationToken);
        return code == 0 ? AskedProgram.TryDecode(said) : null;
    }

    public Task RemoveAsync(string key, CancellationToken cancellationToken) =>
        AskedProgram.RunAsync(Program, ["delete-generic-password", "-s", "claudemesh", "-a", key], "", cancellationToken);

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

/// <summary>A program of the system that is asked one thing. A keychain that waits for a person who is not there is not waited for.</summary>
internal static class AskedProgram
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <returns>Null when no folder of PATH has it.</returns>
    public static string? Find(string name, string? path) => (path ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => System.IO.Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    public static byte[]? TryDecode(string said)
    {
        byte[] bytes = new byte[said.Length];
        return Convert.TryFromBase64String(said.Trim(), bytes, out int count) && count > 0 ? bytes[..count] : null;
    }

    /// <returns>-1 where it could not be run or did not end.</returns>
    public static async Task<(int Code, string Said)> RunAsync(string program, IEnumerable<string> words, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, words)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        // Another process lives by the machine's own time.
        using var longest = new CancellationTokenSource(AnswerWithin, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellationToken);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            await process.StandardInput.WriteAsync(input.AsMemory(), either.Token);
            process.StandardInput.Close();
            Task<string> said = process.StandardOutput.ReadToEndAsync(either.Token);
            await process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            return (process.ExitCode, await said);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            return (-1, "");
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return (-1, "");
        }
    }
}
