using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Rekeying;

/// <summary>
/// Asks a broker under a key whether that is what the log says of this member now. It is a short connection of its own, shown to nobody; what is pushed over it is
/// not acknowledged, so it comes again. A broker that lets the key in and has no record that says so is not believed.
/// </summary>
internal sealed class Inquiry(WorkspaceStore rows, KeyStore logs, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const int PagesMax = 1024;

    /// <returns>True: it is the member's present key. False: it is not, or the broker does not let it in. A problem: it could not be asked.</returns>
    public async Task<(bool IsCurrent, LocalProblem? Unanswered)> AskAsync(WorkspaceRow row, MemberSecretKey candidate, CancellationToken cancellationToken)
    {
        (bool, LocalProblem?) found = (false, null);
        LocalReply<MemberWelcome> welcomed = await KnockAsync(
            BrokerAddress.Parse(row.Broker),
            row.MeshId,
            candidate,
            async (connection, token) => found = await ReadAsync(row, connection, candidate.Public, token),
            cancellationToken);
        return welcomed.Problem is { Retryable: true } unanswered ? (false, unanswered) : found;
    }

    /// <summary>Says hello under a key and hears who that is.</summary>
    /// <param name="ask">What is asked then; null: nothing.</param>
    public async Task<LocalReply<MemberWelcome>> KnockAsync(
        BrokerAddress broker, string meshId, MemberSecretKey key, Func<MeshConnection, CancellationToken, Task>? ask, CancellationToken cancellationToken)
    {
        string address = BrokerHttp.AddressOf(broker);
        string device = await rows.KeepDeviceIdAsync(RandomBytes.NextId(), cancellationToken);
        var options = new MeshConnectionOptions
        {
            Broker = broker,
            MeshId = MeshId.Parse(meshId),
            DeviceId = DeviceId.Parse(device),
            Client = $"claudemeshd/{DaemonBuild.Version}",
            Presence = false,
        };
        using var longest = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        await using var connection = new MeshConnection(options, key, clock);
        Task dropping = DropEventsAsync(connection, either.Token);
        try
        {
            connection.Start();
            ConnectionState state = connection.State;
            while (state is ConnectionState.Connecting)
                state = await connection.NextStateAsync(state, either.Token);
            if (state is ConnectionState.Open && ask is not null)
                await ask(connection, either.Token);
            return state switch
            {
                ConnectionState.Open open => open.Welcome,
                ConnectionState.Closed closed => BrokerProblems.Refused(closed.Code ?? "", closed.Reason),
                ConnectionState.Waiting { Code: { } code } refused => BrokerProblems.Refused(code, refused.Reason),
                ConnectionState.Waiting waiting => BrokerProblems.Unreachable(address, waiting.Reason),
                _ => BrokerProblems.Unreachable(address, "It did not answer in time."),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblems.Unreachable(address, "It did not answer in time.");
        }
        finally
        {
            await connection.CloseAsync();
            await dropping;
        }
    }

    private async Task<(bool, LocalProblem?)> ReadAsync(WorkspaceRow row, MeshConnection connection, PublicKey candidate, CancellationToken cancellationToken)
    {
        StoredScope stored = logs.Load(row.No, RootReference.MeshScope);
        var log = new HeldLog(row.MeshId, RootReference.MeshScope, stored.Pin);
        log.Restore(stored.Records);
        for (int page = 0; page < PagesMax && log.Fork is null; page++)
        {
            Answer<LogPage> answer = await connection.RequestAsync<LogRead, LogPage>(
                new LogRead(RootReference.MeshScope, log.State.Head.Seq), timeout: null, cancellationToken);
            if (answer.Value is not { } found)
                return (false, BrokerProblems.Unreachable(row.Broker, answer.Refusal?.Message ?? "The connection was lost while it was asked."));

            LogReading reading = log.Read(found.Records);
            if (log.State.Head.Seq >= found.Seq || reading is not LogReading.Extended)
                break;
        }

        return (log.Fork is null && log.State.Follow(row.MemberKey) == candidate, null);
    }

    private static async Task DropEventsAsync(MeshConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (BrokerEvent _ in connection.Events.ReadAllAsync(cancellationToken))
            {
                // Nothing that comes here is acknowledged, so it comes again.
            }
        }
        catch (OperationCanceledException)
        {
            // Asked long enough.
        }
    }
}
