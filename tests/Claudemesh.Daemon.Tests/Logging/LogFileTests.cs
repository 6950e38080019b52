using System.Text.Json;
using Claudemesh.Daemon.Logging;

namespace Claudemesh.Daemon.Tests.Logging;

public sealed class LogFileTests : IDisposable
{
    private readonly TempHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public void A_line_is_one_json_object_however_the_text_looks()
    {
        using (var log = new LogFile(home.Home.LogFile))
            log.Write(DateTimeOffset.UnixEpoch, "info", "Test", "two\nlines and \"quotes\"", new IOException("gone"));

        using JsonDocument line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(home.Home.LogFile)));
        Assert.Equal("two\nlines and \"quotes\"", line.RootElement.GetProperty("message").GetString());
        Assert.Equal("IOException", line.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public void A_disk_that_takes_no_writes_costs_lines_and_nothing_else()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no device that is always full.");
        using var log = new LogFile("/dev/full");

        for (int i = 0; i < 3; i++)
            log.Write(DateTimeOffset.UnixEpoch, "info", "Test", $"line {i}", null);
    }

    [Fact]
    [Trait("cli", "7 daemon: a log without an end")]
    public void A_full_file_is_put_aside_and_three_are_kept_in_all()
    {
        using (var log = new LogFile(home.Home.LogFile, bytesMax: 1000))
        {
            for (int i = 0; i < 100; i++)
                log.Write(DateTimeOffset.UnixEpoch, "info", "Test", $"line {i} {new string('x', 100)}", null);
        }

        string[] files = [.. Directory.GetFiles(home.Folder, "daemon.log*").Order(StringComparer.Ordinal)];
        Assert.Equal([home.Home.LogFile, home.Home.LogFile + ".1", home.Home.LogFile + ".2"], files);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 1000));
        Assert.Contains("line 99 ", File.ReadAllText(files[0]), StringComparison.Ordinal);
    }
}
