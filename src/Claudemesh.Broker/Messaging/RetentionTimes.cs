using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Messaging;

/// <summary>How long what is kept. How long a message waits is in the message itself.</summary>
internal sealed record RetentionTimes
{
    /// <summary>A delivered entry stays this long, so that a new device can page back; an expired message, so that its sender can ask.</summary>
    public TimeSpan AfterDelivery { get; init; } = TimeSpan.FromDays(30);

    /// <summary>A reader that was not seen for so long is dropped.</summary>
    public TimeSpan ReaderUnseen { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Client ids that are not 16 bytes are 1.x's random ones, whose clients give up after ten minutes.</summary>
    public TimeSpan LegacySubmission { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What waits for a session that is closed for so long moves to its member.</summary>
    public TimeSpan ClosedSession { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A notification, if its post is kept so long.</summary>
    public TimeSpan Notification { get; init; } = TimeSpan.FromDays(90);

    /// <summary>A notification, from when it was read on.</summary>
    public TimeSpan NotificationRead { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>Told what retention found; on a thread-pool thread, after the transaction.</summary>
internal interface IRetentionListener
{
    void OnExpired(MeshNo mesh, Expired expired);

    /// <summary>Offered again each round until the entries are gone.</summary>
    void OnRefile(MeshNo mesh, Refile refile);
}
