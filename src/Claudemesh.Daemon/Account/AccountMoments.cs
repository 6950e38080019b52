using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// What a person may count on between two of his machines: who has made or joined a workspace on one finds it on the next that he logs in to, and a machine
/// that is in none yet, and so has no connection that would tell it, asks when its person looks. Neither waits longer than he would.
/// </summary>
internal sealed class AccountMoments(AccountHome home, AccountWorkspaces members, JoinedWorkspaces workspaces, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Before the answer to who came in; what does not succeed now is tried again with the next connection.</summary>
    public Task EnteredAsync() => EachAsync(static _ => true, login => members.ClaimAsync(login, CancellationToken.None));

    public Task LookedAsync() => EachAsync(
        login => !workspaces.All.Any(one => login.Serves(one.Row.Broker)), login => members.OpenAsync(login, CancellationToken.None));

    private async Task EachAsync(Func<Login, bool> isMeant, Func<Login, Task> act)
    {
        foreach (Login login in home.All.Where(one => one is { IsToken: false, State: AccountStates.SignedIn } && isMeant(one)).ToArray())
        {
            try
            {
                await act(login).WaitAsync(Patience, clock);
            }
            catch (TimeoutException)
            {
                // It goes on without being waited for.
            }
        }
    }
}
