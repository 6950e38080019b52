using Claudemesh.Broker.Log;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>An invite of a log, whether it is open or not.</summary>
/// <param name="Package">Null where its maker gave none, and when it is over.</param>
internal sealed record FoundInvite(InviteId Id, Workspace Workspace, LogInvite Invite, byte[]? Package)
{
    /// <summary>Why nobody can join by it now; null while it is open.</summary>
    public MeshError? WhyClosed(TimeProvider clock) => Invite switch
    {
        _ when Workspace.IsArchived => MeshError.WorkspaceArchived,
        { Ended: true } => MeshError.InviteRevoked,
        _ when Invite.Uses >= Invite.UsesMax => MeshError.InviteExhausted,
        _ when !Invite.IsOpenAt(clock.GetUtcNow().ToUnixTimeMilliseconds()) => MeshError.InviteExpired,
        _ => null,
    };
}

/// <summary>Finds an invite of some workspace's log by its id, as somebody without an account asks for it.</summary>
internal sealed class LogInvites(LogInviteStore store, OpenWorkspaces workspaces)
{
    /// <summary>Null when no workspace of this broker has it.</summary>
    public async ValueTask<FoundInvite?> FindAsync(InviteId id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } row
            || await workspaces.FindAsync(row.Mesh, cancellationToken) is not { } workspace
            || !workspace.Logs.Mesh.Log.Invites.TryGetValue(id.Value, out LogInvite? invite))
        {
            return null;
        }

        return new FoundInvite(id, workspace, invite, row.Package);
    }
}
