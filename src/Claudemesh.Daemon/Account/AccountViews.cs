using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>Says who this machine is, to each broker. Asking changes nothing: whatever a broker answers, nobody is signed out by it.</summary>
internal sealed class AccountViews(AccountHome home, AccountCalls calls, JoinedWorkspaces workspaces, TimeProvider clock)
{
    private static readonly TimeSpan AskWithin = TimeSpan.FromSeconds(5);

    /// <param name="asks">Whether the brokers are asked.</param>
    public async Task<AccountList> ListAsync(bool asks, CancellationToken cancellationToken) =>
        new(await Task.WhenAll(home.All.Select(login => asks ? AskAsync(login, cancellationToken) : Task.FromResult(Describe(login, stale: null)))));

    public MyAccount Describe(Login login, string? stale)
    {
        StoredLogin stored = login.Stored;
        IEnumerable<AccountWorkspace> locked = workspaces.Locked.Where(row => login.Serves(row.Broker))
            .Select(row => new AccountWorkspace(row.MeshId, row.Slug, row.Name, row.Role, AccountWorkspaceStates.Locked));
        IEnumerable<AccountWorkspace> here = workspaces.All.Where(one => login.Serves(one.Row.Broker))
            .Select(one => new AccountWorkspace(one.Row.MeshId, one.Row.Slug, one.Row.Name, one.Role, AccountWorkspaceStates.Here));
        AccountWorkspace[] known = [.. here, .. locked];
        return new MyAccount(
            stored.Broker,
            stored.Kind,
            login.State,
            stored.UserId,
            stored.Username,
            stored.DisplayName,
            stored.DeviceName,
            stored.Device,
            stored.Key,
            stored.Generation,
            stored.Store,
            stored.ConfirmedAt,
            stale,
            stored.HasRecovery,
            stored.Renewal,
            [.. known, .. stored.Workspaces.Where(one => known.All(other => other.MeshId != one.MeshId))]);
    }

    /// <summary>Asks the broker, for a while; what it says is written down.</summary>
    public async Task<MyAccount> AskAsync(Login login, CancellationToken cancellationToken)
    {
        if (login.State is AccountStates.LoggedOut or AccountStates.Locked)
            return Describe(login, stale: null);

        using var longest = new CancellationTokenSource(AskWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        try
        {
            LocalReply<AccountPage> page = await calls.GetAsync(login, "api/my/account", WireJson.Default.AccountPage, either.Token);
            if (page.Value is not { Account: { } account })
                return Describe(login, page.Problem?.Detail ?? "the broker did not say who this is.");

            bool? hasRecovery = await FindRecoveryAsync(login, either.Token);
            await home.ChangeAsync(
                login, stored => stored with { Username = account.Username, DisplayName = account.DisplayName, HasRecovery = hasRecovery ?? stored.HasRecovery }, cancellationToken);
            return Describe(login, stale: null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Describe(login, $"{login.Stored.Broker} has not answered within {AskWithin.TotalSeconds:0} s.");
        }
    }

    private async Task<bool?> FindRecoveryAsync(Login login, CancellationToken cancellationToken)
    {
        if (login.IsToken)
            return null;

        LocalReply<WireRecovery> asked = await calls.GetAsync(login, "api/my/recovery", WireJson.Default.WireRecovery, cancellationToken);
        return asked.Value is { } ways ? ways.Blobs.Count > 0 : null;
    }
}
