using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Keeps accounts and this machine alike for as long as the daemon lives: members that were made here are claimed, the vault is written and read, what other
/// devices changed is taken over. It acts on signals alone, and waits a little so that many of them cost one round.
/// </summary>
internal sealed partial class AccountKeeper(
    AccountHome home,
    AccountSignals signals,
    AccountWorkspaces members,
    AccountVault vault,
    Renewal renewal,
    WorkspaceRenewals renewals,
    TimeProvider clock,
    ILogger<AccountKeeper> logger)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken stopping)
    {
        foreach (Login login in home.All)
            signals.Stir(login.Stored.Broker, asksAll: true);
        while (true)
        {
            await signals.WaitAsync(stopping);
            await Task.Delay(Settle, clock, stopping);
            if (await home.UnlockAsync(stopping))
                signals.Stir(home.All[0].Stored.Broker, asksAll: true);
            foreach ((string broker, bool asksAll) in signals.Take())
            {
                if (home.Find(broker) is { IsToken: false, State: AccountStates.SignedIn } login)
                    await KeepAsync(login, asksAll, stopping);
            }
        }
    }

    private async Task KeepAsync(Login login, bool asksAll, CancellationToken stopping)
    {
        try
        {
            if (asksAll)
            {
                await renewal.NoticeAsync(login, stopping);
                await members.OpenAsync(login, stopping);
            }
            else
            {
                await members.ClaimAsync(login, stopping);
                await vault.SyncAsync(login, [], stopping);
            }

            await renewals.FollowAsync(login, stopping);
        }
#pragma warning disable CA1031 // A round that fails is logged; the next signal begins another.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(error, login.Stored.Broker);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The account on {Broker} could not be looked after")]
    private partial void LogFailed(Exception error, string broker);
}
