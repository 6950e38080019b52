using Claudemesh.Local;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Connects again what the broker took off, because its person says so.</summary>
internal sealed class Reconnection(JoinedWorkspaces workspaces, WorkspaceStore store, TimeProvider clock)
{
    private static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(15);

    /// <summary>Returns when each attempt has ended, or after a while; either way it says how things are.</summary>
    public async Task<LocalReply<Reconnected>> ReconnectAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> found = workspaces.Require(slug);
        if (found.Value is not { } within)
            return found.Problem!;

        using var longest = new CancellationTokenSource(AttemptMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        await Task.WhenAll(within.Select(workspace => TryAsync(workspace, either.Token, cancellationToken)));
        return new Reconnected([.. within.Select(workspace => workspace.DescribeConnection())]);
    }

    private async Task TryAsync(LiveWorkspace workspace, CancellationToken patience, CancellationToken cancellationToken)
    {
        if (workspace.Absence is not null)
            await store.SetAbsenceAsync(workspace.Row.No, null, cancellationToken);

        try
        {
            await workspace.ReconnectAsync(patience);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It goes on trying by itself.
        }
    }
}
