using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>Brings the members of an account to the keys of its present secret after a renewal. What cannot be reached now is done with its next connection.</summary>
internal sealed partial class WorkspaceRenewals(JoinedWorkspaces workspaces, MemberKeys memberKeys, Rekey rekey, ILogger<WorkspaceRenewals> logger)
{
    public async Task<Followed> FollowAsync(Login login, CancellationToken cancellationToken)
    {
        var renewed = new List<string>();
        var waiting = new List<string>();
        if (login.Keys is not { } keys)
            return new Followed(renewed, waiting);

        foreach (LiveWorkspace workspace in workspaces.All.Where(one => login.Serves(one.Row.Broker)))
        {
            using MemberSecretKey? next = keys.Derive(login.Stored.UserId, workspace.Row.MeshId);
            using MemberSecretKey? present = keys.Find(login.Stored.UserId, workspace.Row.MeshId, workspace.Identity.Public);
            if (next is null || present is null || next.Public == present.Public)
                continue;

            LocalReply<LiveWorkspace> changed = await rekey.ChangeAsync(workspace, next, compromised: true, cancellationToken);

            // Another device of the account may have said so already: then the broker does not let the key before in any more.
            if (!changed.Succeeded)
                await rekey.FindCurrentAsync(workspace.Row.No, cancellationToken);
            if (workspaces.FindByNo(workspace.Row.No) is { } again && again.Identity.Public == next.Public)
            {
                await memberKeys.AdoptAsync(again.Row, cancellationToken);
                renewed.Add(again.Row.Slug);
            }
            else
            {
                LogWaits(workspace.Row.Slug, changed.Problem?.Detail ?? "the workspace was closed meanwhile.");
                waiting.Add(workspace.Row.Slug);
            }
        }

        return new Followed(renewed, waiting);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the member's new key waits: {Why}")]
    private partial void LogWaits(string workspace, string why);
}
