namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>What the core may hold, and how long it waits.</summary>
internal sealed record DeliveryBounds
{
    /// <summary>Entries that were set aside and come with one <see cref="Attach"/>.</summary>
    public const int AsideMax = 256;

    /// <summary>Entries pushed to one reader in one lane and not acknowledged, at most.</summary>
    public int InFlightMax { get; init; } = 256;

    /// <summary>Bytes pushed to one reader in one lane and not acknowledged, at most; one larger entry is let through alone.</summary>
    public int InFlightBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Multicasts that a 1.x reader was pushed past its shut gate, at most; further ones wait for the gate.</summary>
    public int PassedGateMax { get; init; } = 256;

    /// <summary>Submissions that are remembered in memory, per workspace.</summary>
    public int RecentSubmissionsMax { get; init; } = 4_096;

    /// <summary>Entries that wait in one mailbox.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>Bytes that wait in one mailbox.</summary>
    public long WaitingBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Entries of one sender that wait in one mailbox.</summary>
    public int WaitingPerSenderMax { get; init; } = 1_000;

    /// <summary>Recipients of one message to a group or tag.</summary>
    public int RecipientsMax { get; init; } = 1_000;

    /// <summary>Bytes of messages that are accepted or parked and not yet committed.</summary>
    public long HeldBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a message waits before it expires.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long the facts of an untouched mailbox are kept.</summary>
    public TimeSpan IdleFacts { get; init; } = TimeSpan.FromMinutes(5);
}
