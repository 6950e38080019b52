using System.Collections.Concurrent;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>What every way of logging in begins and ends with.</summary>
internal sealed class AccountStart(AccountHome home, AccountHttp http, AccountWorkspaces members, AccountViews views, JoinedWorkspaces workspaces, TimeProvider clock)
{
    private const string DefaultBroker = "http://127.0.0.1:7900";
    private const int DeviceNameCharactersMax = 64;

    private readonly ConcurrentDictionary<string, bool> underWay = new(StringComparer.OrdinalIgnoreCase);

    public static string NameOf(string? deviceName)
    {
        string name = string.IsNullOrWhiteSpace(deviceName) ? Environment.MachineName : deviceName.Trim();
        return name[..Math.Min(name.Length, DeviceNameCharactersMax)].Normalize(System.Text.NormalizationForm.FormC);
    }

    /// <summary>The broker that is named, or that of the only login, or that of the workspace joined last.</summary>
    public Task<LocalReply<AccountServer>> FindServerAsync(string? broker, CancellationToken cancellationToken)
    {
        string address = broker ?? (home.All is [var only] ? only.Stored.Broker : workspaces.All.LastOrDefault()?.Row.Broker ?? DefaultBroker);
        return AccountServer.FindAsync(http, address.Contains("://", StringComparison.Ordinal) ? address : "https://" + address, cancellationToken);
    }

    /// <returns>Null when another login to that broker is under way.</returns>
    public IDisposable? TryTakeTurn(string broker) => underWay.TryAdd(broker, true) ? new UnderWay(underWay, broker) : null;

    /// <summary>Writes the login down and opens what it opens: its workspaces, with the keys that come from its secret.</summary>
    public async Task<LocalReply<LoggedIn>> BeginAsync(AccountServer server, DeviceApprovalText device, StoredSecrets secrets, TokenAnswer tokens, CancellationToken cancellationToken)
    {
        var stored = new StoredLogin(server.Address, server.Issuer, AccountKinds.Device, device.UserId, device.UserId, device.UserId)
        {
            DeviceName = device.DeviceName,
            Device = device.Device.ToString(),
            Key = device.Account.ToString(),
            Generation = device.Generation,
        };

        // From here on it is not cancelled with the request: the broker counts this machine as a device.
        Login login = await home.KeepAsync(stored, secrets, CancellationToken.None);
        login.Access = AccessToken.Of(tokens, clock.GetUtcNow());
        return await FinishAsync(login, cancellationToken);
    }

    public async Task<LocalReply<LoggedIn>> FinishAsync(Login login, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        MyAccount mine = await views.AskAsync(login, cancellationToken);
        if (!login.IsToken)
            notes.AddRange(await members.OpenAsync(login, CancellationToken.None));
        return new LoggedIn(views.Describe(login, mine.Stale), notes);
    }

    private sealed class UnderWay(ConcurrentDictionary<string, bool> all, string broker) : IDisposable
    {
        public void Dispose() => all.TryRemove(broker, out _);
    }
}
