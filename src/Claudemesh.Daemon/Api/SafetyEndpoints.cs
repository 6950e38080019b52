using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What two people compare to know that nobody stands between them, and the mark of those who have.</summary>
internal sealed class SafetyEndpoints(JoinedWorkspaces workspaces)
{
    public Task ListAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        (scope, token) => LocalHttp.Query(context, "peer") is { } peer ? CompareAsync(peer, scope, token) : ListAsync(scope, token),
        LocalJson.Default.SafetyList);

    public Task MarkAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, LocalJson.Default.MarkVerified, body => body.Workspace, MarkAsync, LocalJson.Default.SafetyList);

    private async Task<LocalReply<SafetyList>> CompareAsync(string peer, Scope scope, CancellationToken cancellationToken)
    {
        LocalReply<Found> found = await FindAsync(peer, scope.Workspace, cancellationToken);
        return found.Succeeded ? new SafetyList([found.Value.Safety]) : found.Problem;
    }

    private async Task<LocalReply<SafetyList>> ListAsync(Scope scope, CancellationToken cancellationToken)
    {
        LocalReply<List<Safety>> all = await workspaces.ListAsync(scope.Workspace, SafetyListing.Of, cancellationToken);
        return all.Succeeded ? new SafetyList(all.Value) : all.Problem;
    }

    private async Task<LocalReply<SafetyList>> MarkAsync(MarkVerified mark, Scope scope, CancellationToken cancellationToken)
    {
        LocalReply<Found> found = await FindAsync(mark.Peer, scope.Workspace, cancellationToken);
        if (found.Value is not var (workspace, contact, safety))
            return found.Problem!;

        await workspace.Pins.MarkVerifiedAsync(contact.Key, mark.Verified, cancellationToken);
        return new SafetyList([SafetyListing.Of(workspace, safety.Name, contact.Key, safety.Kind, isChanged: false)]);
    }

    private async Task<LocalReply<Found>> FindAsync(string peer, string? slug, CancellationToken cancellationToken)
    {
        string name = peer.Trim();
        if (name.Length == 0 || name[0] is '*' or '@' or '#' || name.StartsWith("tag:", StringComparison.Ordinal))
            return LocalHttp.Invalid("Numbers are compared with one member: give a name or a key.");

        LocalReply<Destination> found = await workspaces.AddressAsync(name, slug, toSelf: true, cancellationToken);
        if (!found.Succeeded)
            return found.Problem;

        (LiveWorkspace workspace, IReadOnlyList<Recipient> recipients) = found.Value;
        if (recipients[0].Key == workspace.Identity.Public)
            return LocalProblem.Of(LocalErrors.RecipientIsSelf, $"{name} is yourself; there is nothing to compare.", 400, ExitCode.BadArguments);

        // A whole key that nobody here is known by can be written to, but it is nobody to compare with.
        return workspace.Pins.Find(recipients[0].Key) is { } contact
            ? new Found(workspace, contact, SafetyListing.Of(workspace, contact.Name, contact.Key, contact.Kind, isChanged: false))
            : LocalProblem.Of(LocalErrors.RecipientNotFound, $"Nobody in {workspace.Row.Slug} has the key {name}.", 404, ExitCode.NotFound);
    }

    private sealed record Found(LiveWorkspace Workspace, Contact Contact, Safety Safety);
}
