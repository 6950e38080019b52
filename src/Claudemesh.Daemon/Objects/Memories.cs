using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using KeptMemory = Claudemesh.Local.Memory;

namespace Claudemesh.Daemon.Objects;

/// <summary>Keeps, finds and forgets the texts that workspaces keep in common. Finding is done here, on what is opened; the broker has no part in it.</summary>
internal sealed class Memories(JoinedWorkspaces workspaces, ObjectStore store, TimeProvider clock)
{
    private const int IdCharsMin = 8;

    public async Task<LocalReply<KeptMemory>> KeepAsync(KeepMemory request, CancellationToken cancellationToken)
    {
        string[] tags = [.. (request.Tags ?? []).Distinct(StringComparer.Ordinal)];
        if (FindFault(request, tags) is { } fault)
            return ObjectProblems.Invalid(fault);

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        string id = request.Id ?? Crypto.RandomBytes.NextUuid(clock).ToString("N");
        if (workspace.Objects.Find(new ObjectId(ObjectKind.Memory, Plain: false, id)) is { Revision: > 0 } there)
        {
            // Asked again, because the answer was lost.
            return there.HasValue && there.Text == request.Text && there.Tags.SequenceEqual(tags, StringComparer.Ordinal)
                ? Describe(workspace, there)
                : ObjectProblems.Conflict(id, there);
        }

        LocalReply<KeptObject> put = await workspace.Objects.PutAsync(ObjectKind.Memory, id, MemoryBody.Write(request.Text, tags), after: 0, cancellationToken);
        return put.Succeeded ? Describe(workspace, put.Value) : put.Problem;
    }

    /// <param name="query">Null: all, the newest first.</param>
    public LocalReply<MemoryList> List(string? slug, string? query, string? tag, int limit)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } all)
            return within.Problem!;

        long[] numbers = [.. all.Select(workspace => workspace.Row.No)];
        List<(long WorkspaceNo, KeptObject Memory)> found = query is null ? store.ListMemories(numbers, tag, limit) : Search(numbers, query, tag, limit);
        return new MemoryList([.. found.Select(one => Describe(Array.Find(all, workspace => workspace.Row.No == one.WorkspaceNo)!, one.Memory))]);
    }

    /// <param name="id">Or a beginning that only one has.</param>
    public async Task<LocalReply<ForgottenMemory>> ForgetAsync(string id, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } all)
            return within.Problem!;
        if (id.Length < IdCharsMin)
            return ObjectProblems.Invalid($"'{id}' is too short for a memory's id: give at least {IdCharsMin} characters of it.");

        List<(LiveWorkspace Workspace, KeptObject Memory)> found =
            [.. all.SelectMany(workspace => store.FindMemories(workspace.Row.No, id).Select(memory => (workspace, memory)))];
        if (found.Find(one => one.Memory.Id.Name == id) is { Memory: not null } exact)
            found = [exact];
        if (found.Count == 0)
            return LocalProblem.Of(LocalErrors.MemoryNotFound, $"There is no memory {id}; `claudemesh memory list` shows those there are.", 404, ExitCode.NotFound);
        if (found.Count > 1)
            return LocalProblem.Of(LocalErrors.AmbiguousName, $"Several memories begin with {id}; give more of the id.", 409, ExitCode.BadArguments);

        (LiveWorkspace where, KeptObject which) = found[0];
        if (where.Absence is { } away)
            return away.ToProblem(where.Row.Slug);

        LocalProblem? problem = which.Id.Plain
            ? (await where.AskAsync<Forget, Ack>(new Forget(which.Id.Name), cancellationToken)).Problem
            : (await where.Objects.PutAsync(ObjectKind.Memory, which.Id.Name, ObjectBodies.Deleted, after: null, cancellationToken)).Problem;
        return problem is null ? new ForgottenMemory(where.Row.Slug, which.Id.Name) : problem;
    }

    private List<(long WorkspaceNo, KeptObject Memory)> Search(long[] numbers, string query, string? tag, int limit)
    {
        foreach (string match in MemoryQuery.Of(query, tag))
        {
            if (store.Search(numbers, match, tag, limit) is { Count: > 0 } found)
                return found;
        }

        return [];
    }

    private static KeptMemory Describe(LiveWorkspace workspace, KeptObject kept) => new(
        workspace.Row.Slug,
        kept.Id.Name,
        kept.Text,
        kept.Tags,
        !kept.Id.Plain,
        Writers.NameOf(workspace, kept),
        kept.Author.Length == 0 ? null : kept.Author,
        DateTimeOffset.FromUnixTimeMilliseconds(kept.WrittenAt));

    private static string? FindFault(KeepMemory request, string[] tags)
    {
        if (string.IsNullOrWhiteSpace(request.Text))
            return "A memory is not empty.";
        if (tags.Length > WireLimits.TagsMax)
            return $"There are at most {WireLimits.TagsMax} tags, not {tags.Length}.";
        if (Array.Find(tags, tag => tag.Length is 0 or > TagName.CharsMax || tag.Any(char.IsControl)) is { } wrong)
            return $"'{PlainText.Line(wrong)}' is no tag: that is 1 to {TagName.CharsMax} characters on one line.";

        return request.Id is { } id && (id.Length is < IdCharsMin or > 64 || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            ? $"An id is {IdCharsMin} to 64 letters, digits, - or _."
            : null;
    }
}
