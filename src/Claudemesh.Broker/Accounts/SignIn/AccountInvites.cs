using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>Invites to the broker itself, by the mark of what the link says.</summary>
internal static class AccountInvites
{
    public static bool IsOpen(Sql sql, string mark, Instant now) => sql.FindNumber(
        "SELECT 1 FROM account_invite WHERE hash = @hash AND uses_left > 0 AND expires_at > @now",
        ("@hash", Convert.FromHexString(mark)), ("@now", now.Micros)) is not null;

    /// <summary>Part of the write that makes an account.</summary>
    public static void Use(WriteScope scope, string mark) => scope.Sql.Execute(
        "UPDATE account_invite SET uses_left = uses_left - 1 WHERE hash = @hash", ("@hash", Convert.FromHexString(mark)));
}
