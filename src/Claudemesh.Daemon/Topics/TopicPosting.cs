using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Topics;

/// <summary>A post, decided: where it goes, what it answers, whom it mentions.</summary>
internal sealed record PostPlan(LiveWorkspace Workspace, Recipient Recipient, string? ReplyTo, string Mentions);

/// <summary>Decides what a send to <c>#topic</c> means. What the broker would refuse is refused here already, as far as it is known.</summary>
internal sealed class TopicPosting(TopicSearch search)
{
    private const int MentionCharsMax = 64;

    public async Task<LocalReply<PostPlan>> PlanAsync(SendMessage request, CancellationToken cancellationToken)
    {
        LocalReply<string> mentions = JoinMentions(request);
        if (mentions.Value is not { } names)
            return mentions.Problem!;

        LocalReply<FoundTopic> found = await search.FindAsync(request.To, request.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;
        if ((FindFault(there) ?? await FindAmbiguousAsync(there, names, cancellationToken)) is { } fault)
            return fault;

        LocalReply<string> reply = request.ReplyTo is { } parent ? await PostPlaces.FindIdAsync(there, parent, cancellationToken) : "";
        if (reply.Value is not { } replyTo)
            return reply.Problem!;

        Recipient recipient = Recipient.Several("#" + there.Topic.Name, new TargetSpec.Topic(there.Topic.Id).ToString());
        return new PostPlan(there.Workspace, recipient, replyTo.Length == 0 ? null : replyTo, names);
    }

    private static LocalProblem? FindFault(FoundTopic there)
    {
        if (there.Workspace.Absence is { } away)
            return away.ToProblem(there.Workspace.Row.Slug);
        if (there.Topic.ArchivedAt is not null)
        {
            return LocalProblem.Of(
                LocalErrors.TopicArchived, $"{there.Words} is archived, so nothing is posted there; one of its leads can bring it back.", 403, ExitCode.Denied);
        }

        if (there.Topic.Role is null)
        {
            return LocalProblem.Of(
                LocalErrors.TopicNotJoined, $"You are not in {there.Words}; `claudemesh topic join {there.Topic.Name}` joins it.", 403, ExitCode.Denied);
        }

        if (there.Topic.Role is TopicRoles.Observer)
            return LocalProblem.Of(LocalErrors.TopicObserver, $"You are an observer in {there.Words}, who reads and does not post; ask one of its leads.", 403, ExitCode.Denied);

        ScopeKeys scope = there.Workspace.Keys.GetForTopic(there.Topic.Id);
        LogFork? fork = there.Workspace.Keys.Mesh.Fork ?? scope.Fork;
        return fork is null ? null : KeyProblems.Forked(there.Workspace.Row.Slug, scope.Scope, fork);
    }

    /// <summary>Who is named after an <c>@</c>, and who is named besides.</summary>
    private static LocalReply<string> JoinMentions(SendMessage request)
    {
        string[] named = [.. (request.Mentions ?? []).Select(name => name.Trim().TrimStart('@').ToLowerInvariant())];
        if (Array.Exists(named, name => name.Length is 0 or > MentionCharsMax || name.Contains(',', StringComparison.Ordinal) || name.Any(char.IsControl)))
            return Invalid($"A mention is a name of 1 to {MentionCharsMax} characters without a comma.");

        string[] all = [.. named.Concat(PostMaker.FindMentions(request.Text)).Distinct(StringComparer.Ordinal)];
        return all.Length > LocalLimits.MentionsMax
            ? Invalid($"A post mentions at most {LocalLimits.MentionsMax} names, and this one {all.Length}.")
            : MessageHeader.JoinMentions(all);
    }

    /// <summary>
    /// A name of two members who can read the topic means neither of them, unless the post mentions one of them by key. The broker would say so too
    /// late: this post is taken before it is sent.
    /// </summary>
    private static async Task<LocalProblem?> FindAmbiguousAsync(FoundTopic there, string mentions, CancellationToken cancellationToken)
    {
        if (mentions.Length == 0)
            return null;

        string[] named = mentions.Split(',');
        Membership own = there.Workspace.Keys.GetForTopic(there.Topic.Id).State;
        Roster roster = await there.Workspace.GetRosterAsync(fresh: false, cancellationToken);
        IGrouping<string, RosterMember>? doubted = roster.Members
            .Where(member => member.Key != there.Workspace.Identity.Public && (there.Topic.IsPublic || own.Members.ContainsKey(member.Key)))
            .GroupBy(member => member.Name.ToLowerInvariant(), StringComparer.Ordinal)
            .FirstOrDefault(same => named.Contains(same.Key, StringComparer.Ordinal) && same.Count() > 1 && !same.Any(member => named.Contains(member.Key.ToString(), StringComparer.Ordinal)));
        return doubted is null ? null : LocalProblem.Of(
            LocalErrors.AmbiguousName,
            $"{doubted.Count()} members of {there.Words} are called {doubted.Key}: mention the one you mean by key as well, --mention {string.Join(" or ", doubted.Select(member => member.Key.ToString()))}.",
            409,
            ExitCode.BadArguments);
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
