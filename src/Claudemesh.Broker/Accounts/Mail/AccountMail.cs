using System.Globalization;
using System.Threading.Channels;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Mail;

/// <param name="To">One address.</param>
internal sealed record Letter(string To, string Subject, string Text);

/// <summary>
/// What is written to accounts by mail: a link that shows whose an address is, and that something new may act as the account. Without an SMTP server
/// nothing is written; nobody waits for a letter to be sent. Only an address that was shown to be the account's is told of it.
/// </summary>
internal sealed partial class AccountMail(BrokerSettings settings, PublicAddress address, Database database, ILogger<AccountMail> logger)
{
    /// <summary>Waiting to be sent; more are dropped, and that is logged.</summary>
    public const int WaitingMax = 1_000;

    public static readonly TimeSpan LinkLife = TimeSpan.FromDays(2);

    private readonly Channel<Letter> letters = Channel.CreateBounded<Letter>(WaitingMax);

    public bool IsOn => settings.Mail is not null;

    /// <summary>What waits to be sent.</summary>
    public ChannelReader<Letter> Waiting => letters.Reader;

    /// <summary>Writes a link to an address that has not been shown to be the account's; an earlier link is over.</summary>
    public async Task AskToVerifyAsync(Account account, CancellationToken cancellationToken)
    {
        if (!IsOn || account.Email is not { } email || account.EmailVerifiedAt is not null)
            return;

        OneTimeToken token = OneTimeToken.Generate();
        await database.WriteAsync(
            scope =>
            {
                scope.Sql.Execute("DELETE FROM mail_link WHERE account_no = @account OR expires_at <= @now", ("@account", account.No.Value), ("@now", scope.Now.Micros));
                return scope.Sql.Execute(
                    "INSERT INTO mail_link (hash, account_no, email, expires_at) VALUES (@hash, @account, @email, @expires)",
                    ("@hash", token.Hash()), ("@account", account.No.Value), ("@email", email), ("@expires", (scope.Now.ToTime() + LinkLife).ToInstant().Micros));
            },
            cancellationToken);
        Write(email, "Is this your address?",
            $"""
            Somebody has given this address for the account {account.Username} on {address.Origin}.

            If it was you, open this within two days:
            {address.LinkTo("/api/auth/mail/verify?token=" + token.Reveal())}

            If it was not, do nothing.
            """);
    }

    /// <returns>False where the link is none, or the address has changed since.</returns>
    public Task<bool> VerifyAsync(string text, CancellationToken cancellationToken) => database.WriteAsync(
        scope => OneTimeToken.TryParse(text, out OneTimeToken token)
            && scope.Sql.Find(
                "DELETE FROM mail_link WHERE hash = @hash AND expires_at > @now RETURNING account_no, email",
                static row => new Verified(row.GetInt64(0), row.GetString(1)), ("@hash", token.Hash()), ("@now", scope.Now.Micros)) is { } link
            && scope.Sql.Execute(
                "UPDATE account SET email_verified_at = @now WHERE no = @account AND email = @email AND deleted_at IS NULL",
                ("@now", scope.Now.Micros), ("@account", link.Account), ("@email", link.Email)) > 0,
        cancellationToken);

    public void TellOfSignIn(Account account, LoginSession session) => Tell(
        account, "A new sign-in", $"{account.Username} was signed in on {session.Name}, from {session.Address}, at {At(session.CreatedAt)}.");

    /// <param name="device">What the machine is called.</param>
    public void TellOfDevice(Account account, string device, string from, DateTimeOffset at) => Tell(
        account, "A new device", $"{device}, at {from}, became a device of {account.Username} at {At(at)}. It reads and writes as you.");

    public void TellOfPasskey(Account account, string name) => Tell(account, "A new passkey", $"The passkey {name} was added to {account.Username}.");

    /// <param name="link">Without the invite's secret, which nobody here has.</param>
    public void WriteInvite(EmailAddress to, string workspace, string inviter, string link) => Write(
        to.Value, "You are invited",
        $"""
        {inviter} invites you to the workspace {workspace}. Open this, or give it to claudemesh join:
        {link}

        You are let in once {inviter} or another admin has seen that it is you. If you do not know who this is, do nothing.
        """);

    private static string At(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private void Tell(Account account, string subject, string what)
    {
        if (account is not { Email: { } email, EmailVerifiedAt: not null })
            return;

        Write(email, subject,
            $"""
            {what}

            If this was not you, sign out what you do not know, and change your password, at once:
            {address.LinkTo("/account")}
            """);
    }

    private void Write(string to, string subject, string text)
    {
        if (IsOn && !letters.Writer.TryWrite(new Letter(to, $"{subject} ({address.Url.Host})", text)))
            LogDropped();
    }

    private sealed record Verified(long Account, string Email);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many letters wait for the mail server; one was dropped")]
    private partial void LogDropped();
}
