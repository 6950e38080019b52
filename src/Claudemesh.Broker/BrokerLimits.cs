using System.Globalization;

namespace Claudemesh.Broker;

/// <summary>What a member, a mailbox or a workspace may use at most. An operator changes each by its name: <c>sends-per-second=50</c>.</summary>
public sealed record BrokerLimits
{
    private static readonly Limit[] Known =
    [
        new("message-bytes", "header, nonce and ciphertext of one message together", 1_024, 8 * 1024 * 1024,
            limits => limits.MessageBytes, (limits, value) => limits with { MessageBytes = (int)value }),
        new("sends-per-second", "messages that one member sends lastingly", 1, 1_000_000,
            limits => limits.SendsPerSecond, (limits, value) => limits with { SendsPerSecond = (int)value }),
        new("sends-at-once", "messages that one member sends before that rate counts", 1, 1_000_000,
            limits => limits.SendsAtOnce, (limits, value) => limits with { SendsAtOnce = (int)value }),
        new("mailbox-messages", "messages that wait in one mailbox", 1, 1_000_000,
            limits => limits.MailboxMessages, (limits, value) => limits with { MailboxMessages = (int)value }),
        new("mailbox-messages-per-sender", "of them, those of one sender", 1, 1_000_000,
            limits => limits.MailboxMessagesPerSender, (limits, value) => limits with { MailboxMessagesPerSender = (int)value }),
        new("mailbox-bytes", "bytes that wait in one mailbox", 1_024, 16L * 1024 * 1024 * 1024,
            limits => limits.MailboxBytes, (limits, value) => limits with { MailboxBytes = value }),
        new("group-recipients", "recipients of one message to a group or tag", 1, 5_000,
            limits => limits.GroupRecipients, (limits, value) => limits with { GroupRecipients = (int)value }),
        new("workspace-connections", "connections to one workspace", 1, 1_000_000,
            limits => limits.WorkspaceConnections, (limits, value) => limits with { WorkspaceConnections = (int)value }),
        new("objects", "states, memories or summaries of one workspace, each kind by itself", 1, 10_000_000,
            limits => limits.Objects, (limits, value) => limits with { Objects = (int)value }),
        new("object-bytes", "bytes of one kind of them", 1_024, 1024L * 1024 * 1024 * 1024,
            limits => limits.ObjectBytes, (limits, value) => limits with { ObjectBytes = value }),
        new("key-requests-per-second", "requests that one API key makes lastingly", 1, 1_000_000,
            limits => limits.KeyRequestsPerSecond, (limits, value) => limits with { KeyRequestsPerSecond = (int)value }),
        new("key-requests-at-once", "requests that one API key makes before that rate counts", 1, 1_000_000,
            limits => limits.KeyRequestsAtOnce, (limits, value) => limits with { KeyRequestsAtOnce = (int)value }),
        new("streams-per-key", "streams that one API key has open", 1, 1_000_000,
            limits => limits.StreamsPerKey, (limits, value) => limits with { StreamsPerKey = (int)value }),
        new("streams-per-address", "streams that are open from one address", 1, 1_000_000,
            limits => limits.StreamsPerAddress, (limits, value) => limits with { StreamsPerAddress = (int)value }),
    ];

    public int MessageBytes { get; init; } = 256 * 1024;

    public int SendsPerSecond { get; init; } = 10_000;

    public int SendsAtOnce { get; init; } = 20_000;

    public int MailboxMessages { get; init; } = 10_000;

    public int MailboxMessagesPerSender { get; init; } = 1_000;

    public long MailboxBytes { get; init; } = 64L * 1024 * 1024;

    public int GroupRecipients { get; init; } = 1_000;

    public int WorkspaceConnections { get; init; } = 10_000;

    public int Objects { get; init; } = 250_000;

    public long ObjectBytes { get; init; } = 512L * 1024 * 1024;

    public int KeyRequestsPerSecond { get; init; } = 200;

    public int KeyRequestsAtOnce { get; init; } = 2_000;

    public int StreamsPerKey { get; init; } = 100;

    public int StreamsPerAddress { get; init; } = 1_000;

    /// <summary>A line for each limit: its name, what it bounds, from and to where it may be set.</summary>
    public static IEnumerable<string> Help => Known.Select(limit =>
        string.Create(CultureInfo.InvariantCulture, $"{limit.Name}={limit.Get(new BrokerLimits())}: {limit.What}, {limit.Min} to {limit.Max}"));

    /// <param name="settings">Each <c>name=number</c>; of two for one name the later counts.</param>
    /// <exception cref="FormatException">One is unknown, no number or out of its range; the message says which and what may be.</exception>
    public static BrokerLimits Parse(IEnumerable<string> settings)
    {
        BrokerLimits limits = new();
        foreach (string setting in settings)
        {
            string[] parts = setting.Split('=', 2, StringSplitOptions.TrimEntries);
            Limit known = Array.Find(Known, limit => limit.Name == parts[0])
                ?? throw new FormatException($"There is no limit \"{parts[0]}\". There are {string.Join(", ", Known.Select(limit => limit.Name))}.");
            if (parts.Length < 2 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value < known.Min || value > known.Max)
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The limit {known.Name} is {known.What}: write {known.Name}=NUMBER, from {known.Min} to {known.Max}."));
            limits = known.With(limits, value);
        }

        return limits;
    }

    private sealed record Limit(
        string Name, string What, long Min, long Max, Func<BrokerLimits, long> Get, Func<BrokerLimits, long, BrokerLimits> With);
}
