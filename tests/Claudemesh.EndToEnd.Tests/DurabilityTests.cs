using System.Globalization;
using System.Text.RegularExpressions;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

public sealed partial class DurabilityTests
{
    private const int Sends = 20;

    /// <summary>
    /// The broker's system calls are written down while messages are sent one after the other, each after the acceptance of
    /// the one before. Between two acceptances that leave the broker there must be a sync that has returned.
    /// </summary>
    [Fact]
    public async Task No_acceptance_leaves_the_broker_before_its_message_is_synced()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "There it is the server that syncs, and not the broker.");
        string trace = Path.GetTempFileName();
        try
        {
            await using (Scene scene = await Scene.SetAsync(trace))
            {
                for (int i = 0; i < Sends; i++)
                    await scene.Alice.DoAsync("send", "bob", "number " + i.ToString(CultureInfo.InvariantCulture), "--wait", "accepted");
            }

            int acceptances = 0, synced = 0, unsynced = 0;
            foreach (string line in await File.ReadAllLinesAsync(trace))
            {
                if (Sync().IsMatch(line))
                {
                    synced++;
                }
                else if (Acceptance().IsMatch(line))
                {
                    acceptances++;
                    unsynced += synced == 0 ? 1 : 0;
                    synced = 0;
                }
            }

            Assert.True(acceptances >= Sends, $"{acceptances} acceptances are in the trace");
            Assert.Equal(0, unsynced);
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [GeneratedRegex(@"(fsync|fdatasync)(\(\d+\)| resumed>\)) *= 0", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sync();

    [GeneratedRegex(@"(sendmsg|sendto|write|writev)\(.*\\""type\\"":\\""ack\\""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Acceptance();
}
