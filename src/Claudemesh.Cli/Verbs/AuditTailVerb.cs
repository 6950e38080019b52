using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Tail;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh audit tail</c>. Ends well with Ctrl-C.</summary>
internal static class AuditTailVerb
{
    private const int LinesMax = 200;
    private const int LinesUsual = 20;

    /// <summary>One request of a follower; the daemon answers earlier when something was done.</summary>
    private static readonly TimeSpan WaitFor = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(2);

    private static readonly JsonShape Shape = new(LocalJson.Default.AuditEntry);

    public static Verb Declare(Surroundings around)
    {
        Option<string?> workspace = SharedOptions.Workspace();
        Option<int> limit = SharedOptions.Number("--limit", "how many of the last entries", LinesUsual, 1, LinesMax);
        var follow = new Option<bool>("--follow", "-f") { Description = "go on as more is done, until Ctrl-C" };
        return new Verb("tail", "Shows what was done in a workspace last, and by whom; with --json one object in each line. For owners and admins.")
        {
            Options = { limit, follow, workspace },
            Examples = ["audit tail", "audit tail --follow", "audit tail --limit 100 --json=event_type,actor,payload"],
            Prints = Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                (string? where, int lines) = (parsed.GetValue(workspace), parsed.GetValue(limit));
                return parsed.GetValue(follow)
                    ? Interruptible.RunAsync(around.Terminal, token => FollowAsync(around, where, lines, token), cancellationToken)
                    : ShowAsync(around, where, lines, cancellationToken);
            },
        };
    }

    private static async Task<ExitCode> ShowAsync(Surroundings around, string? workspace, int limit, CancellationToken cancellationToken)
    {
        LocalReply<AuditListing> reply = await around.Daemon.AskAsync(
            (daemon, token) => daemon.ReadAuditAsync(workspace, limit, after: null, TimeSpan.Zero, token), cancellationToken);
        if (reply.Value is not { } listing)
            return around.Terminal.Fail(reply.Problem!);

        Emit(around, listing);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> FollowAsync(Surroundings around, string? workspace, int limit, CancellationToken cancellationToken)
    {
        long? after = null;
        while (true)
        {
            LocalReply<AuditListing> reply = await around.Daemon.AskAsync(
                (daemon, token) => daemon.ReadAuditAsync(workspace, after is null ? limit : LinesMax, after, WaitFor, token), cancellationToken, WaitFor);
            if (reply.Value is { } listing)
            {
                Emit(around, listing);
                after = listing.Entries.Count > 0 ? listing.Entries[^1].Id : after ?? listing.Seq;
            }
            else if (after is null || reply.Problem is not { Retryable: true })
            {
                return around.Terminal.Fail(reply.Problem!);
            }
            else
            {
                await around.Daemon.PauseAsync(BetweenAttempts, cancellationToken);
            }
        }
    }

    private static void Emit(Surroundings around, AuditListing listing)
    {
        foreach (AuditEntry entry in listing.Entries)
            around.Terminal.Emit(entry, Shape, one => around.Terminal.WriteLine(Line(around, one)));
    }

    private static string Line(Surroundings around, AuditEntry entry)
    {
        string via = entry.Via is null or "socket" ? "" : $" ({PlainText.Line(entry.Via)})";
        string number = entry.Id.ToString(CultureInfo.InvariantCulture);
        return $"{around.Minute(entry.CreatedAt)}  {number,4}  {PlainText.Line(entry.Actor ?? "the broker")}{via}  {around.Terminal.Bold(PlainText.Line(entry.EventType))}{Facts(entry)}";
    }

    /// <summary>What exactly, but for how it was done, which stands before.</summary>
    private static string Facts(AuditEntry entry) => entry.Payload.ValueKind is not JsonValueKind.Object ? "" : string.Concat(
        entry.Payload.EnumerateObject()
            .Where(fact => fact.Name is not ("via" or "seq") && fact.Value.ValueKind is not JsonValueKind.Null)
            .Select(fact => $"  {PlainText.Line(fact.Name)}={PlainText.Line(fact.Value.ToString())}"));
}
