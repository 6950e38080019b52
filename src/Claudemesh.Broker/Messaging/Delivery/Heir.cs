using System.Globalization;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Where the copy of a message went that could not stay where it was addressed to; kept as the reason of its outcome.</summary>
internal readonly record struct Heir(MailboxNo Mailbox, long Position)
{
    public static Heir Parse(string reason)
    {
        int slash = reason.IndexOf('/', StringComparison.Ordinal);
        return new Heir(
            new MailboxNo(long.Parse(reason.AsSpan(0, slash), CultureInfo.InvariantCulture)),
            long.Parse(reason.AsSpan(slash + 1), CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mailbox.Value}/{Position}");
}
