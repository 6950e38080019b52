using System.Globalization;

namespace Claudemesh.Broker.Accounts.Mail;

/// <summary>
/// Where mail is handed in, as the operator writes it: <c>smtp://user:password@host:port</c>, or <c>smtps://</c> where TLS comes first. It does not print
/// its password.
/// </summary>
public sealed class MailServer
{
    private const int SubmissionPort = 587;
    private const int TlsPort = 465;

    private MailServer(Uri address, string from)
    {
        string[] login = address.UserInfo.Split(':', 2);
        IsTls = address.Scheme == "smtps";
        Host = address.Host.Trim('[', ']');
        Port = address.Port > 0 ? address.Port : IsTls ? TlsPort : SubmissionPort;
        User = login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null;
        Secret = login.Length > 1 ? Uri.UnescapeDataString(login[1]) : "";
        From = from;
        IsHere = address.IsLoopback;
    }

    public string Host { get; }

    public int Port { get; }

    /// <summary>From whom mail comes: an address, or <c>Name &lt;address&gt;</c>.</summary>
    public string From { get; }

    internal bool IsTls { get; }

    /// <summary>On this machine, where a password may go in the clear.</summary>
    internal bool IsHere { get; }

    internal string? User { get; }

    internal string Secret { get; }

    /// <exception cref="FormatException">What is wrong with it, for the operator.</exception>
    public static MailServer Parse(string address, string? from)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("smtp" or "smtps") || parsed.Host.Length == 0 || parsed.AbsolutePath is not ("" or "/"))
            throw new FormatException("CLAUDEMESH_SMTP must be smtp://user:password@host:port, or smtps://; what a name or a password has besides letters and digits is written as %XX.");
        if (!MimeKit.MailboxAddress.TryParse(from ?? "", out MimeKit.MailboxAddress? mailbox) || !mailbox.Address.Contains('@', StringComparison.Ordinal))
            throw new FormatException("CLAUDEMESH_MAIL_FROM must be the address that mail comes from, such as mesh@example.org, when CLAUDEMESH_SMTP is set.");

        return new MailServer(parsed, from!);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
