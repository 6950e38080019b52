using System.Diagnostics;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;

namespace Claudemesh.Load.Scenarios;

/// <summary>
/// A workspace of a thousand members: how long its thousand-and-first takes to join by a link, and its owner to remove one, with a new root sealed to
/// all the others. Both by the published programs, from the verb's start to its end.
/// </summary>
internal sealed class LogScenario : IScenario
{
    private const int Members = 1_000;
    private const string Program = "claudemesh";
    private static readonly TimeSpan JoinGoal = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan RemovalGoal = TimeSpan.FromSeconds(1);

    public string Name => "log";

    public string Describe => "joining and leaving a workspace of 1,000 members";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (!File.Exists(bench.Settings.Program(Program)) || !File.Exists(bench.Settings.Program("claudemeshd")))
        {
            bench.Report.Skip(Name, "claudemesh and claudemeshd are not built");
            return;
        }

        await using ServerProcess server = await bench.StartBrokerAsync(cancellationToken);
        using PersonsHome alice = new(bench.Settings.Program(Program));
        using PersonsHome bob = new(bench.Settings.Program(Program));
        await alice.RunAsync(cancellationToken, "new", "bench", "--broker", server.Url.OriginalString, "--as", "alice");
        await bob.RunAsync(cancellationToken, "daemon", "up");
        JsonNode invite = JsonNode.Parse(await alice.RunAsync(cancellationToken, "invite", "--uses", "1000", "--json"))!;
        string url = invite["url"]!.GetValue<string>();
        if (!InviteLink.TryParse(url, out InviteLink? link))
            throw new InvalidOperationException("The link of the invite is none.");

        long records;
        using (LinkJoiner joiner = new(link!))
        {
            for (int at = 2; at < Members; at++)
                await joiner.JoinAsync($"m{at}", cancellationToken);
            records = joiner.Records + 1;
        }

        TimeSpan joining = await TimeAsync(bob, cancellationToken, "join", url, "--as", "bob");
        TimeSpan removal = await TimeAsync(alice, cancellationToken, "member", "remove", "m2", "--yes");
        bench.Report.Note($"the log had {records} records when bob joined; a removal seals {Members - 1} copies in the transaction of its two records");
        bench.Report.Add(new Row("join a workspace of 1,000 log records, by the verb", Report.Milliseconds(joining), Goal: "≤ 300 ms", Reached: joining <= JoinGoal));
        bench.Report.Add(new Row("remove one of 1,000 members, until the last copy is stored", Report.Milliseconds(removal), Goal: "≤ 1,000 ms", Reached: removal <= RemovalGoal));
    }

    private static async Task<TimeSpan> TimeAsync(PersonsHome person, CancellationToken cancellationToken, params string[] arguments)
    {
        long begun = Stopwatch.GetTimestamp();
        await person.RunAsync(cancellationToken, arguments);
        return Stopwatch.GetElapsedTime(begun);
    }
}
