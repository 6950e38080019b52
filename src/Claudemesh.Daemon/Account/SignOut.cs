using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Logs this machine out: the broker is told, the secret is deleted, and the workspaces whose keys come from it are shut until the next login. What was stored of
/// them stays on the disk, unless all of it is to be wiped.
/// </summary>
internal sealed class SignOut(AccountHome home, AccountCalls calls, AccountRows rows, AccountWorkspaces members, Removal removal, WorkspaceStore store, OutboxStore outbox, JoinedWorkspaces workspaces)
{
    public async Task<LocalReply<LoggedOut>> RunAsync(Logout request, CancellationToken cancellationToken)
    {
        // Also where nothing but the pin is left: a wipe takes that too.
        Login[] there = [.. home.All.Where(one => request.Broker is null ? request.Wipe || !one.Stored.IsLoggedOut : one.Serves(request.Broker))];
        if (there is not [var login])
            return there.Length == 0 ? AccountProblems.NotLoggedIn(request.Broker) : AccountProblems.WhichBroker(there.Select(one => one.Stored.Broker));
        if (login.Stored.IsLoggedOut && !request.Wipe)
            return AccountProblems.NotLoggedIn(login.Stored.Broker);

        bool isDevice = login is { IsToken: false, State: AccountStates.SignedIn };
        if (isDevice && !request.Final && await removal.FindFinalLossAsync(login, cancellationToken) is { } final)
            return final;

        // From here on it is not cancelled with the request: half of a logout would leave a secret behind.
        bool told = await TellAsync(login, isDevice);
        IReadOnlyList<WorkspaceRow> shut = login.IsToken ? [] : await members.ShutAsync(login, CancellationToken.None);
        await home.ForgetAsync(login, entirely: request.Wipe, CancellationToken.None);
        if (request.Wipe)
            await WipeAsync(login, shut);
        return new LoggedOut(login.Stored.Broker, login.Stored.Username, told, request.Wipe, [.. shut.Select(row => row.Slug)]);
    }

    private async Task<bool> TellAsync(Login login, bool isDevice)
    {
        bool isGone = isDevice
            && (await calls.AskAsync(login, HttpMethod.Delete, $"api/my/devices/{login.Stored.Device}", WireJson.Default.Nothing, CancellationToken.None)).Succeeded;
        return await calls.RevokeAsync(login, CancellationToken.None) || isGone;
    }

    private async Task WipeAsync(Login login, IReadOnlyList<WorkspaceRow> shut)
    {
        foreach (WorkspaceRow row in shut)
        {
            workspaces.Unlock(row);
            await store.DeleteAsync(row, CancellationToken.None);
            outbox.Forget(row.No);
        }

        await rows.WipeAsync(login.Stored.Broker, login.Stored.UserId, CancellationToken.None);
        rows.Scrub();
    }
}
