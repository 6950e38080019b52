using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Checkups;

/// <summary>What the daemon tells <c>claudemesh doctor</c> of itself.</summary>
public sealed class CheckupTests
{
    [Fact]
    public async Task Every_table_is_counted_and_an_index_by_what_it_is_kept_in()
    {
        await using RunningDaemon daemon = await RunningDaemon.StartAsync();

        Checkup checkup = await Ok.Async(daemon.Client.CheckAsync(null, default));

        string[] tables = [.. checkup.Tables.Select(table => table.Name)];
        Assert.Contains("inbox", tables);
        Assert.Contains("message_index_data", tables);
        Assert.DoesNotContain("message_index", tables);
        Assert.All(checkup.Tables, table => Assert.True(table.Rows >= 0));
    }
}
