namespace Claudemesh.Protocol;

/// <summary>What a <see cref="Push"/> of a message is made of, as a broker has it. An empty span or null leaves the field out.</summary>
public readonly ref struct PushParts
{
    /// <summary>32 ASCII letters and digits.</summary>
    public required ReadOnlySpan<byte> MessageId { get; init; }

    public required MeshId MeshId { get; init; }

    /// <summary>The 32 bytes of the sending session's key, else of the member's.</summary>
    public required ReadOnlySpan<byte> SenderKey { get; init; }

    public required ReadOnlySpan<byte> Nonce { get; init; }
    public required ReadOnlySpan<byte> Ciphertext { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public Priority? Priority { get; init; }

    /// <summary>32 bytes.</summary>
    public ReadOnlySpan<byte> SenderMemberKey { get; init; }

    public MemberId? SenderMemberId { get; init; }
    public string? SenderName { get; init; }

    /// <summary>UTF-8, as the sender wrote it.</summary>
    public ReadOnlySpan<byte> ClientMessageId { get; init; }

    /// <summary>32 bytes.</summary>
    public ReadOnlySpan<byte> RequestFingerprint { get; init; }

    public string? Topic { get; init; }

    /// <summary>32 ASCII letters and digits.</summary>
    public ReadOnlySpan<byte> ReplyToId { get; init; }

    /// <summary>0 leaves it out.</summary>
    public int BodyVersion { get; init; }

    public ReadOnlySpan<byte> Header { get; init; }
    public string? Target { get; init; }
}

/// <summary>What of a <see cref="Push"/> belongs to one connection alone. The default is a 1.x push, which has none of it.</summary>
/// <param name="Position">The message's place in the workspace's order, from 1.</param>
/// <param name="Previous">The position pushed before it in this lane; 0: the first.</param>
/// <param name="Again">True when this reader was pushed it before.</param>
/// <param name="SessionId">The session it is for; null: the member.</param>
public readonly record struct PushTail(long Position, long Previous, bool Again = false, SessionId? SessionId = null);
