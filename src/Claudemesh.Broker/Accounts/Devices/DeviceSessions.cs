using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>Where a device is signed in: by a session of the device flow from its start, by a browser's from when the browser has shown its key.</summary>
internal static class DeviceSessions
{
    /// <summary>Part of the write that stores what the device has signed.</summary>
    /// <returns>False where the session is another device's.</returns>
    public static bool TryBind(WriteScope scope, LoginSession session, PublicKey device)
    {
        if (session.Device is { } bound)
            return bound == device;

        scope.Sql.Execute("UPDATE login_session SET device = @device WHERE no = @no", ("@device", device.ToString()), ("@no", session.No));
        return true;
    }

    /// <summary>Part of the write that removes a device. Whoever calls this tells <see cref="LoginSessions"/> once it is committed.</summary>
    /// <returns>The numbers of those that it ended.</returns>
    public static List<long> End(WriteScope scope, AccountNo account, PublicKey device)
    {
        List<long> ended = scope.Sql.List(
            "UPDATE login_session SET ended_at = @now WHERE account_no = @account AND device = @device AND ended_at IS NULL RETURNING no",
            static row => row.GetInt64(0), ("@now", scope.Now.Micros), ("@account", account.Value), ("@device", device.ToString()));
        foreach (long session in ended)
            RefreshTokens.End(scope, session);
        return ended;
    }
}
