using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>Takes a device off the list and signs it out everywhere. The account secret it still has: only a renewal makes that worthless.</summary>
internal sealed partial class DeviceRemoval(Database database, LoginSessions sessions, AccountNews news, ILogger<DeviceRemoval> logger)
{
    public async Task<MeshError?> RemoveAsync(Account account, PublicKey key, CancellationToken cancellationToken)
    {
        List<long>? ended = await database.WriteAsync(
            scope =>
            {
                if (DeviceStore.Find(scope.Sql, account.No, key, scope.Now) is not { } device)
                    return null;

                DeviceStore.Remove(scope, account.No, device);
                return DeviceSessions.End(scope, account.No, key);
            },
            cancellationToken);
        if (ended is null)
            return MeshError.DeviceNotFound;

        sessions.Ended(ended);
        LogRemoved(account.Id, key, ended.Count);
        await news.TellAsync(account.No, AccountChange.DeviceRemoved, cancellationToken);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {Account} removed device {Device} and ended {Sessions} sessions of it")]
    private partial void LogRemoved(UserId account, PublicKey device, int sessions);
}
