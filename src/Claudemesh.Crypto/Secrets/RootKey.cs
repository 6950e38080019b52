using System.Diagnostics;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>The root key of one epoch of one scope: 32 random bytes that every key of the scope is derived from (keys.md 3 and 5).</summary>
[DebuggerDisplay("root key of {Scope}, epoch {Epoch}")]
public sealed class RootKey : IDisposable
{
    public const int Size = 32;

    private readonly SecretBytes secret;
    private readonly string meshId;

    /// <param name="scope"><c>mesh</c> or <c>topic/&lt;topic_id&gt;</c>.</param>
    public RootKey(ReadOnlySpan<byte> value, string meshId, string scope, long epoch)
    {
        Length.Require(value, Size);
        secret = new SecretBytes(value);
        this.meshId = meshId;
        Scope = scope;
        Epoch = epoch;
        using SecretBytes id = Derive(KeyLabels.RootId(scope, epoch));
        Id = new Digest(id.Expose());
    }

    public string Scope { get; }

    public long Epoch { get; }

    /// <summary>The public commitment to the key: a copy that gives another one is a wrong copy, whoever it came from.</summary>
    public Digest Id { get; }

    public RootReference Reference => new(Scope, Epoch, Id);

    public static RootKey Generate(string meshId, string scope, long epoch)
    {
        using SecretBytes random = SecretBytes.Random(Size);
        return new RootKey(random.Expose(), meshId, scope, epoch);
    }

    /// <summary>The key that messages to this address are written under.</summary>
    /// <exception cref="ArgumentException">A direct message is not under a root key.</exception>
    public SecretBytes DeriveMessageKey(TargetSpec target) => Derive(target switch
    {
        TargetSpec.Topic topic => KeyLabels.Topic(topic.Id),
        TargetSpec.Group group => KeyLabels.Group(group.Name.Value),
        TargetSpec.Tag tag => KeyLabels.Tag(tag.Name.Value),
        TargetSpec.Everyone => KeyLabels.Broadcast,
        _ => throw new ArgumentException("A direct message is written under the two members' key.", nameof(target)),
    });

    /// <summary>The secretbox key of a topic that is shared with 1.x, in mixed workspaces only.</summary>
    public SecretBytes DeriveTopicKeyV2(string topicId) => Derive(KeyLabels.TopicV2(topicId));

    /// <param name="kind"><c>state</c>, <c>memory</c>, <c>summary</c> or <c>schedule</c>.</param>
    public SecretBytes DeriveObjectKey(string kind) => Derive(KeyLabels.Object(kind));

    /// <summary>A copy for one member, device or invite key: 80 bytes. False for a key that nothing can be sealed to.</summary>
    public bool TrySealFor(PublicKey recipient, out byte[]? copy) => SealedBox.TrySeal(recipient, secret.Expose(), out copy);

    /// <summary>Opens a copy, and believes it only when it gives the root id that the log has.</summary>
    public static bool TryOpenCopy(SigningKey recipient, ReadOnlySpan<byte> copy, string meshId, RootReference reference, out RootKey? root)
    {
        root = null;
        if (!SealedBox.TryOpen(recipient, copy, out SecretBytes? value))
            return false;

        using (value)
            return TryAccept(value!.Expose(), meshId, reference, out root);
    }

    /// <summary>The link from this epoch to the one before: who has this key can read the old one (keys.md 5).</summary>
    public byte[] SealBack(RootKey old)
    {
        using SecretBytes key = Derive(KeyLabels.Back(Scope, Epoch));
        return XChaCha20Poly1305.SealWithNonce(key.Expose(), old.secret.Expose(), old.Id.Span);
    }

    public bool TryOpenBack(ReadOnlySpan<byte> back, RootReference older, out RootKey? root)
    {
        root = null;
        using SecretBytes key = Derive(KeyLabels.Back(Scope, Epoch));
        if (!XChaCha20Poly1305.TryOpenWithNonce(key.Expose(), back, older.RootId.Span, out SecretBytes? value))
            return false;

        using (value)
            return TryAccept(value!.Expose(), meshId, older, out root);
    }

    /// <summary>The bytes themselves, to be kept in a protected store.</summary>
    public ReadOnlySpan<byte> Expose() => secret.Expose();

    public override string ToString() => $"(root key of {Scope}, epoch {Epoch})";

    public void Dispose() => secret.Dispose();

    private static bool TryAccept(ReadOnlySpan<byte> value, string meshId, RootReference reference, out RootKey? root)
    {
        root = null;
        if (value.Length != Size)
            return false;

        RootKey candidate = new(value, meshId, reference.Scope, reference.Epoch);
        if (candidate.Id == reference.RootId)
            root = candidate;
        else
            candidate.Dispose();
        return root is not null;
    }

    private SecretBytes Derive(string label) => KeyLabels.Derive(secret.Expose(), meshId, label);
}
