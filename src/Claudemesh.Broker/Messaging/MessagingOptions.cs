using System.ComponentModel.DataAnnotations;

namespace Claudemesh.Broker.Messaging;

/// <summary>Bounds of what members send.</summary>
internal sealed class MessagingOptions
{
    /// <summary>Header, nonce and ciphertext of one message together, bytes. Default 256 KiB.</summary>
    [Range(1024, 8 * 1024 * 1024)]
    public int BodyBytesMax { get; set; } = 256 * 1024;

    /// <summary>Messages that one member may send per second, lastingly. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int SendsPerSecond { get; set; } = 10_000;

    /// <summary>Messages that one member may send at once before the rate counts. Default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int SendsBurst { get; set; } = 20_000;
}
