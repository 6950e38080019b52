using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Keys;

/// <summary>A workspace's log for people: who did what and when, and whether every hash and signature is as it must be.</summary>
internal sealed class LogViews(JoinedWorkspaces workspaces)
{
    /// <summary>As it is known here; read on to the broker's head first where that is possible. A fork is told, the records before it are shown all the same.</summary>
    public async Task<LocalReply<LogListing>> ShowAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequireOne(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        await workspace.Keys.ReadOnAsync(workspace.Keys.Mesh, cancellationToken);
        ScopeKeys mesh = workspace.Keys.Mesh;
        var words = new LogWording(workspace);
        return new LogListing(
            workspace.Row.Slug,
            mesh.State.Head.Seq == 0 ? "" : mesh.State.Pin.ToString(),
            [.. mesh.ListRecords().Select(words.Describe)]);
    }

    /// <summary>Reads every record again from its bytes, as if the broker had just given it, and compares with the broker's head.</summary>
    public async Task<LocalReply<LogCheck>> CheckAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequireOne(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        ScopeKeys mesh = workspace.Keys.Mesh;
        LocalProblem? problem = await workspace.Keys.ReadOnAsync(mesh, cancellationToken);
        Membership state = mesh.State;
        var again = new HeldLog(workspace.Row.MeshId, mesh.Scope, state.Head.Seq == 0 ? null : state.Pin);
        again.Read(mesh.After(0));
        string? fault = again.Fork is { } broken
            ? $"Record {broken.Seq} is not good any more ({KeyProblems.Words(broken.Refusal)}): this daemon's own file was changed."
            : problem?.Detail;
        return new LogCheck(
            workspace.Row.Slug,
            again.Fork is null && mesh.Fork is null,
            state.Head.Seq,
            state.Head.Hash.ToString(),
            state.Pin.ToString(),
            state.Members.Count,
            state.Epoch,
            mesh.FindRoot() is not null,
            state.IsRotationDue(),
            fault);
    }
}
