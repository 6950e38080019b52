using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Rekeying;

/// <summary>
/// What follows a change of this member's key, scope by scope: the topics with a log of their own have it under the key before until that is said there too, and
/// where the key before may be in other hands a new root is made. It looks at what the logs say and at nothing else, so it may be broken off at any point.
/// </summary>
internal sealed partial class KeyFollowing(LiveWorkspace workspace, ILogger logger)
{
    private FormerKeys Former => workspace.Identity.Former;

    /// <summary>Called for each scope after its log was read on, the workspace's first.</summary>
    public async Task FollowAsync(ScopeKeys scope, CancellationToken cancellationToken)
    {
        if (Former.Members.Count == 0 || scope.Fork is not null || scope.State.Head.Seq == 0)
            return;

        ScopeKeys mesh = workspace.Keys.Mesh;
        if (scope != mesh && FindLeft(scope, mesh.State) is { } left && await MoveAsync(scope, mesh.State, left, cancellationToken) is { } problem)
        {
            LogNotFollowed(workspace.Row.Slug, scope.Scope, problem.Error);
            return;
        }

        if (IsOwnLoss(mesh.State) && scope.State.Members.ContainsKey(workspace.Identity.Public) && scope.State.IsRotationDue(scope == mesh ? null : mesh.State)
            && await workspace.Keys.ReadyToWriteAsync(scope.Scope, cancellationToken) is { Problem: { } notRotated })
            LogNotRotated(workspace.Row.Slug, scope.Scope, notRotated.Error);
    }

    /// <summary>A key of before that a topic still has, while the workspace has the present one.</summary>
    private FormerKey? FindLeft(ScopeKeys topic, Membership mesh) => Former.Members.FirstOrDefault(
        one => topic.State.Members.ContainsKey(one.Public) && mesh.Follow(one.Public) == workspace.Identity.Public);

    private async Task<LocalProblem?> MoveAsync(ScopeKeys topic, Membership mesh, FormerKey left, CancellationToken cancellationToken)
    {
        bool compromised = mesh.Keys[left.Public].WasLost;
        LocalReply<Membership> moved = await workspace.Keys.AppendAsAsync(
            topic, left.Key, change => change.Draft.State.Members.ContainsKey(left.Public) ? change.Draft.AddKeyChange(workspace.Identity.Key, compromised) : LogRefusal.None, cancellationToken);
        return moved.Problem;
    }

    /// <summary>A key of this member was given up as compromised: whoever has it may have the root.</summary>
    private bool IsOwnLoss(Membership mesh) => Former.Members.Any(one => mesh.Keys.TryGetValue(one.Public, out KeyPast? past) && past.WasLost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the change of this member's key is not said in {Scope} yet: {Reason}")]
    private partial void LogNotFollowed(string workspace, string scope, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: {Scope} has no new root yet after a key that may be in other hands: {Reason}")]
    private partial void LogNotRotated(string workspace, string scope, string reason);
}
