using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Claudemesh.Cli.Support;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Support;

/// <summary>A bundle helps whoever gets it, and tells him no secret.</summary>
public sealed class SupportBundleTests : IDisposable
{
    private readonly Desk desk = new();

    private string File => Path.Combine(desk.Folder, "bundle.tar.gz");

    [Fact]
    public async Task It_holds_versions_findings_sizes_and_the_end_of_the_log()
    {
        await using ScriptedDaemon daemon = Scripted();
        await System.IO.File.WriteAllTextAsync(desk.Home.LogFile, new string('x', 600 * 1024) + "\n" + """{"level":"Information","message":"acme: connected"}""" + "\n");

        Seen seen = await desk.TypeAsync("support-bundle", "--out", File, "--json");

        Assert.Equal(ExitCode.Ok, seen.Code);
        Golden.Matches("support-bundle.json", seen.Output.Replace(desk.Folder, "FOLDER", StringComparison.Ordinal));
        Dictionary<string, string> files = await ReadAsync();
        Assert.StartsWith("claudemesh 2.0.0\n", files["about.txt"], StringComparison.Ordinal);
        Assert.Contains("\"check\":\"broker\"", files["doctor.json"], StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:7900", files["status.json"], StringComparison.Ordinal);
        Assert.Contains("{\"name\":\"inbox\",\"rows\":3}", files["checkup.json"], StringComparison.Ordinal);
        Assert.Contains("daemon.log", files["files.txt"], StringComparison.Ordinal);
        Assert.Equal("{\"level\":\"Information\",\"message\":\"acme: connected\"}\n", files["daemon.log"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task What_should_never_have_been_logged_is_taken_out()
    {
        byte[] seed = [.. Enumerable.Range(0, 32).Select(number => (byte)((number * 37) + 3))];
        string token = "eyJ2IjoxLCJtZXNoX2lkIjoi" + Convert.ToHexString(seed);
        string[] secrets =
        [
            Convert.ToHexString(seed), Convert.ToHexStringLower(seed), Convert.ToBase64String(seed), System.Buffers.Text.Base64Url.EncodeToString(seed), token,
        ];
        await using ScriptedDaemon daemon = Scripted();
        await System.IO.File.WriteAllTextAsync(desk.Home.LogFile, string.Join('\n', secrets.Select(secret => $$"""{"message":"http://127.0.0.1:7900/join/{{secret.Replace("+", "\\u002B", StringComparison.Ordinal)}}"}""")));
        await System.IO.File.WriteAllTextAsync(Path.Combine(desk.Home.Folder, "daemon.out"), string.Join(' ', secrets));
        // The database itself: a bundle that took it would have everything in it.
        await System.IO.File.WriteAllTextAsync(desk.Home.Database, "the schema changed");

        await desk.TypeAsync("support-bundle", "--out", File);

        string all = string.Join('\n', (await ReadAsync()).Values);
        Assert.Contains("characters removed]", all, StringComparison.Ordinal);
        Assert.DoesNotContain("the schema changed", all, StringComparison.Ordinal);
        // A part of a secret is a secret: half of each must not be there either.
        Assert.All(secrets, secret => Assert.DoesNotContain(secret[..(secret.Length / 2)], all, StringComparison.OrdinalIgnoreCase));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret[(secret.Length / 2)..], all, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("message 019ab3c4-d5e6-7f00-8123-456789abcdef is late", "message 019ab3c4-d5e6-7f00-8123-456789abcdef is late")]
    [InlineData("key b0b0000000000000000000000000000000000000000000000000000000000001.", "key [64 characters removed].")]
    [InlineData("joins https://mesh.example.org/i/abc#3.AbCdEfGhIjKlMnOpQrStUv now", "joins https://mesh.example.org/i/abc#3.[removed] now")]
    [InlineData("", "")]
    public void Ids_of_messages_stay_and_keys_go(string text, string expected) => Assert.Equal(expected, Redaction.Of(text));

    [Fact]
    public async Task A_file_that_exists_is_not_written_over()
    {
        await System.IO.File.WriteAllTextAsync(File, "mine");

        Seen seen = await desk.TypeAsync("support-bundle", "--out", File);

        Assert.Equal(ExitCode.Exists, seen.Code);
        Assert.Equal("mine", await System.IO.File.ReadAllTextAsync(File));
    }

    public void Dispose() => desk.Dispose();

    private ScriptedDaemon Scripted() => new ScriptedDaemon(desk.Home)
        .Answers("GET", LocalRoutes.Status, Samples.Daemon, LocalJson.Default.DaemonStatus)
        .Answers("GET", LocalRoutes.Account, new AccountList([]), AccountJson.Default.AccountList)
        .Answers("GET", LocalRoutes.Workspaces, new WorkspaceList([Samples.Acme]), LocalJson.Default.WorkspaceList)
        .Answers("GET", LocalRoutes.Checkup, new Checkup([new("http://127.0.0.1:7900", ["acme"], null, null, "2.0.0", 0, 1, null)], null, 1, [new("inbox", 3)]), LocalJson.Default.Checkup);

    /// <summary>Read by another program's rules than it was written by.</summary>
    private async Task<Dictionary<string, string>> ReadAsync()
    {
        await using var unzipped = new GZipStream(System.IO.File.OpenRead(File), CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            if (entry.DataStream is { } data)
                await data.CopyToAsync(content);
            files[entry.Name["claudemesh-support/".Length..]] = Encoding.UTF8.GetString(content.ToArray());
        }

        return files;
    }
}
