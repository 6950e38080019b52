using Claudemesh.Cli.Service;
using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>The accounts of this machine: signed in, where the secret is, whether anything would open them without it; and whether the system starts the daemon.</summary>
internal static class AccountChecks
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(Surroundings around, CancellationToken cancellationToken)
    {
        LocalReply<AccountList> asked = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ListAccountsAsync(asks: true, token), cancellationToken);
        if (asked.Value is not { Accounts.Count: > 0 } list)
            return [];

        List<Finding> findings = [];
        foreach (MyAccount one in list.Accounts.Where(one => one.State is not AccountStates.LoggedOut))
            findings.AddRange(Check(one));
        if (list.Accounts.Any(one => one is { Kind: AccountKinds.Device, State: not AccountStates.LoggedOut }))
            findings.Add(await CheckServiceAsync(around, cancellationToken));
        return findings;
    }

    private static IEnumerable<Finding> Check(MyAccount one)
    {
        string who = $"{one.Username} on {one.Broker}";
        yield return one switch
        {
            { State: AccountStates.SignedOut } => Finding.Error("account", ExitCode.Auth, $"The broker has signed this machine out of {who}; its keys are still here.", $"claudemesh login {Shell.Quote(one.Broker)}"),
            { State: AccountStates.Locked } => Finding.Error(
                "account", ExitCode.Auth, $"The keychain ({one.Store}) does not give out the secret of {who}.", $"export CLAUDEMESH_SECRETS=file && claudemesh login {Shell.Quote(one.Broker)}"),
            { Renewal: not null } => Finding.Error("account", ExitCode.Auth, $"Another device has renewed the secret of {who}, and waits for your yes here.", "claudemesh device accept-renewal"),
            { Kind: AccountKinds.Token } => Finding.Ok("account", $"{who}, by token: no keys, so nothing encrypted"),
            { Stale: { } why } => Finding.Warning("account", $"{who} could not be confirmed: {why}", "claudemesh whoami"),
            _ => Finding.Ok("account", $"{who}; the secret is in {(one.Store is "file" ? "account.json, readable by you alone" : $"the keychain ({one.Store})")}"),
        };
        if (one is { Kind: AccountKinds.Device, HasRecovery: false })
            yield return Finding.Warning("recovery", $"Nothing opens the account of {who} when all its devices are gone.", "claudemesh recovery new");
    }

    private static async Task<Finding> CheckServiceAsync(Surroundings around, CancellationToken cancellationToken)
    {
        const string Install = "claudemesh daemon install-service";
        string file = DaemonService.FileOf(around);
        if (!File.Exists(file))
            return Finding.Warning("service", "The system does not start the daemon: after a reboot nothing reaches you until the first verb.", Install);
        if (await File.ReadAllTextAsync(file, cancellationToken) != DaemonService.TextOf(around))
            return Finding.Warning("service", $"{file} starts another program or folder than this one.", Install);
        if (OperatingSystem.IsMacOS())
            return Finding.Ok("service", file);

        ChildEnd enabled = await DaemonService.SystemctlAsync(around, ["is-enabled", ServiceUnit.SystemdName], cancellationToken);
        ChildEnd active = await DaemonService.SystemctlAsync(around, ["is-active", ServiceUnit.SystemdName], cancellationToken);
        return (enabled.Code, active.Code) switch
        {
            (0, 0) when await DaemonService.FindLingerAsync(around, cancellationToken) is false =>
                Finding.Warning("service", "The daemon ends with your last session on this machine.", "loginctl enable-linger"),
            (0, 0) => Finding.Ok("service", file),
            (0, _) => Finding.Warning("service", $"The system has not started the daemon: {active.LastLine}.", $"systemctl --user status {ServiceUnit.SystemdName}"),
            _ => Finding.Warning("service", $"{file} is there and not enabled: {enabled.LastLine}.", Install),
        };
    }
}
