using System.Text.Json;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>Shows and changes the values that workspaces keep in common.</summary>
internal sealed class SharedStates(JoinedWorkspaces workspaces, ObjectStore store)
{
    /// <param name="key">Null: every key.</param>
    public LocalReply<SharedStateList> List(string? slug, string? key)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } all)
            return within.Problem!;

        var entries = new List<SharedState>();
        foreach (LiveWorkspace workspace in all)
        {
            IEnumerable<KeptObject> found = key is null
                ? store.List(workspace.Row.No, ObjectKind.State, LocalLimits.StatesMax)
                : store.ListNamed(workspace.Row.No, [key]).Where(one => one.Id.Kind is ObjectKind.State && (one.HasValue || one.Waiting is not null)).OrderBy(one => one.Id.Plain);
            entries.AddRange(found.Select(one => Describe(workspace, one)));
        }

        return entries.Count == 0 && key is not null && all.Length > 0 ? NotFound(all, key) : new SharedStateList(entries);
    }

    public async Task<LocalReply<SharedState>> ChangeAsync(ChangeState change, CancellationToken cancellationToken)
    {
        if (FindFault(change.Key, change.IfRevision) is { } fault)
            return ObjectProblems.Invalid(fault);
        if (change.Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return ObjectProblems.Invalid("value is any JSON but null; `claudemesh state delete KEY` takes a value away.");

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(change.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        MessageBody body = new(MessageBody.TypeJson, change.Value.GetRawText());
        LocalReply<KeptObject> put = await workspace.Objects.PutAsync(ObjectKind.State, change.Key, body, change.IfRevision, cancellationToken);
        return put.Succeeded ? Describe(workspace, put.Value) : put.Problem;
    }

    public async Task<LocalReply<SharedState>> DeleteAsync(string? slug, string? key, long? ifRevision, CancellationToken cancellationToken)
    {
        if (FindFault(key ?? "", ifRevision) is { } fault)
            return ObjectProblems.Invalid(fault);

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        List<KeptObject> found = [.. workspace.Objects.ListNamed([key!]).Where(entry => entry.Id.Kind is ObjectKind.State && entry.HasValue)];
        if (found.Count == 0)
            return NotFound([workspace], key!);
        if (!found.Exists(entry => !entry.Id.Plain))
        {
            return LocalProblem.Of(
                LocalErrors.Forbidden, $"{key} of {workspace.Row.Slug} was set by a 1.x client, and 1.x cannot delete a value; it can set another.", 403, ExitCode.Denied);
        }

        LocalReply<KeptObject> put = await workspace.Objects.PutAsync(ObjectKind.State, key!, ObjectBodies.Deleted, ifRevision, cancellationToken);
        return put.Succeeded ? Describe(workspace, put.Value) : put.Problem;
    }

    public static SharedState Describe(LiveWorkspace workspace, KeptObject kept) => new(
        workspace.Row.Slug,
        kept.Id.Name,
        kept.HasValue ? StateValue.Show(kept.Text) : null,
        kept.Revision,
        kept is { HasValue: false, Waiting: null },
        !kept.Id.Plain,
        Writers.NameOf(workspace, kept),
        kept.Author.Length == 0 ? null : kept.Author,
        DateTimeOffset.FromUnixTimeMilliseconds(kept.WrittenAt),
        TroubleOf(kept));

    private static string? TroubleOf(KeptObject kept) => kept switch
    {
        { Waiting: { } waiting } => $"revision {waiting.Revision} is there and cannot be read yet: its key is not here",
        { Trouble: ObjectTroubles.Older } => "the broker gives an older revision than was seen here; this one stays",
        { Trouble: { } trouble } => $"what the broker gives is not shown: {trouble}",
        _ => null,
    };

    private static string? FindFault(string key, long? ifRevision)
    {
        if (key.Length is 0 or > ObjectHeader.NameCharsMax || key.Any(char.IsControl))
            return $"A key is 1 to {ObjectHeader.NameCharsMax} characters on one line.";
        return ifRevision < 0 ? "if_revision is 0 or more." : null;
    }

    private LocalProblem NotFound(LiveWorkspace[] within, string key)
    {
        IEnumerable<string> keys = within.SelectMany(one => store.List(one.Row.No, ObjectKind.State, LocalLimits.StatesMax)).Select(one => one.Id.Name);
        string where = within is [var only] ? only.Row.Slug : "your workspaces";
        return LocalProblem.Of(
            LocalErrors.StateNotFound, $"There is no value {key} in {where}.{NearestMatch.DidYouMean(NearestMatch.Find(key, keys))}", 404, ExitCode.NotFound);
    }
}
