using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Auditing;

/// <summary>
/// Shows what was done in a workspace, and computes the chain itself: what the broker gives must go on from where it ended when this daemon looked last.
/// </summary>
internal sealed class AuditTrail(JoinedWorkspaces workspaces, AuditHeads heads, TimeProvider clock)
{
    /// <param name="after">The last entry that is known; null: the newest are wanted.</param>
    /// <param name="wait">How long to wait where nothing follows yet.</param>
    public async Task<LocalReply<AuditListing>> ReadAsync(string? slug, int limit, long? after, TimeSpan wait, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        Task grown = workspace.AuditGrowth.Next;
        LocalReply<AuditResult> read = await AskAsync(workspace, limit, after, cancellationToken);
        if (read.Value is { Entries.Length: 0 } && after is not null && wait > TimeSpan.Zero && await ComesAsync(grown, wait, cancellationToken))
            read = await AskAsync(workspace, limit, after, cancellationToken);
        if (read.Value is not { } page)
            return read.Problem!;

        Protocol.AuditEntry[] entries = after is null ? [.. page.Entries.Reverse()] : page.Entries;
        if (await JudgeAsync(workspace, after, entries, page.Head, cancellationToken) is { } fault)
            return Broken(workspace, fault);

        Dictionary<string, string> names = await NamesAsync(workspace, cancellationToken);
        return new AuditListing(workspace.Row.Slug, [.. entries.Select(entry => Describe(workspace, entry, names))], page.Head?.Seq ?? page.Total);
    }

    /// <summary>Reads all of it and computes every hash.</summary>
    public async Task<LocalReply<AuditCheck>> CheckAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        AuditHead seen = heads.Find(workspace.Row.No) ?? AuditChain.Start;
        AuditHead sound = AuditChain.Start;
        string? atSeen = seen.Seq == 0 ? seen.Hash : null;
        AuditResult page;
        do
        {
            LocalReply<AuditResult> read = await AskAsync(workspace, AuditQuery.LimitMax, sound.Seq, cancellationToken);
            if (!read.Succeeded)
                return read.Problem;

            page = read.Value;
            (sound, long? brokenAt) = AuditChain.Walk(workspace.Row.MeshId, sound, page.Entries);
            atSeen ??= Array.Find(page.Entries, entry => entry.Id == seen.Seq)?.Hash;
            if (brokenAt is { } broken)
                return Unsound(workspace, sound, seen, broken, $"Entry {broken} is not what it was when it was written, or one before it is gone.");
        }
        while (page.Entries.Length == AuditQuery.LimitMax);

        if (page.Head is { } head && head.Seq > sound.Seq)
            return Unsound(workspace, sound, seen, sound.Seq + 1, $"The broker says that it ends with entry {head.Seq}, and gives {sound.Seq}: its end was cut off.");
        if (sound.Seq < seen.Seq)
            return Unsound(workspace, sound, seen, sound.Seq + 1, $"It ended with entry {seen.Seq} when this daemon looked last, and ends with {sound.Seq} now: its end was cut off.");
        if (!string.Equals(atSeen, seen.Hash, StringComparison.Ordinal))
            return Unsound(workspace, sound, seen, seen.Seq, $"Entry {seen.Seq} is another one than this daemon saw before: the chain was written anew.");

        await heads.KeepAsync(workspace.Row.No, sound, cancellationToken);
        return new AuditCheck(workspace.Row.Slug, Sound: true, sound.Seq, sound.Hash, BrokenAt: null, seen.Seq, Fault: null);
    }

    private static Task<LocalReply<AuditResult>> AskAsync(LiveWorkspace workspace, int limit, long? after, CancellationToken cancellationToken) =>
        workspace.AskAsync<AuditQuery, AuditResult>(new AuditQuery(limit, After: after), cancellationToken);

    private async Task<bool> ComesAsync(Task grown, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await grown.WaitAsync(wait, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>What speaks against a part of the chain; null where it goes on from what was seen. What joins it is remembered as seen.</summary>
    private async Task<string?> JudgeAsync(
        LiveWorkspace workspace, long? after, Protocol.AuditEntry[] entries, AuditHead? head, CancellationToken cancellationToken)
    {
        AuditHead? seen = heads.Find(workspace.Row.No);
        if (seen is not null && head is not null && head.Seq < seen.Seq)
            return $"It ended with entry {seen.Seq} when this daemon looked last, and ends with {head.Seq} now: its end was cut off.";
        if (entries.Length == 0)
            return null;

        // The one before the first is known where it is the last that was seen, or where there is none before it.
        AuditHead? before = after is 0 || entries[0].Id == 1 ? AuditChain.Start : seen?.Seq == entries[0].Id - 1 ? seen : null;
        (AuditHead last, long? brokenAt) = before is null
            ? AuditChain.Walk(workspace.Row.MeshId, new AuditHead(entries[0].Id, entries[0].Hash), entries.Skip(1))
            : AuditChain.Walk(workspace.Row.MeshId, before, entries);
        if (brokenAt is { } broken)
            return $"Entry {broken} is not what it was when it was written, or one before it is gone.";
        if (seen is not null && Array.Find(entries, entry => entry.Id == seen.Seq) is { } same && !string.Equals(same.Hash, seen.Hash, StringComparison.Ordinal))
            return $"Entry {seen.Seq} is another one than this daemon saw before: the chain was written anew.";

        bool joins = seen is null || before is not null || (entries[0].Id <= seen.Seq && last.Seq >= seen.Seq);
        if (joins)
            await heads.KeepAsync(workspace.Row.No, last, cancellationToken);
        return null;
    }

    private static AuditCheck Unsound(LiveWorkspace workspace, AuditHead sound, AuditHead seen, long brokenAt, string fault) =>
        new(workspace.Row.Slug, Sound: false, sound.Seq, sound.Hash, brokenAt, seen.Seq, fault);

    private static LocalProblem Broken(LiveWorkspace workspace, string fault) => LocalProblem.Of(
        LocalErrors.AuditBroken, $"The audit chain of {workspace.Row.Slug} is not sound: {fault} `claudemesh audit verify -w {workspace.Row.Slug}` looks at all of it.", 409, ExitCode.Denied);

    private static async Task<Dictionary<string, string>> NamesAsync(LiveWorkspace workspace, CancellationToken cancellationToken) =>
        (await workspace.GetRosterAsync(fresh: false, cancellationToken)).Members
            .GroupBy(member => member.MemberId, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.First().Key == workspace.Identity.Public ? workspace.NameOf(same.First().Key) : same.First().Name, StringComparer.Ordinal);

    private static Local.AuditEntry Describe(LiveWorkspace workspace, Protocol.AuditEntry entry, Dictionary<string, string> names) => new(
        workspace.Row.Slug,
        entry.Id,
        entry.EventType,
        entry.Actor is null ? null : names.GetValueOrDefault(entry.Actor, entry.Actor),
        entry.Actor,
        entry.Payload.ValueKind is System.Text.Json.JsonValueKind.Object && entry.Payload.TryGetProperty("via", out System.Text.Json.JsonElement via) ? via.ToString() : null,
        entry.Payload,
        entry.Hash,
        entry.CreatedAt);
}
