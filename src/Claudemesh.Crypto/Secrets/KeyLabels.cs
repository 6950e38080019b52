using System.Globalization;
using System.Text;
using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>Every label of HKDF-SHA256, as keys.md 3 lists them. Salt and info are UTF-8; the output has 32 bytes.</summary>
internal static class KeyLabels
{
    internal const int KeySize = 32;

    internal const string AccountSign = "claudemesh/account/sign";
    internal const string AccountSelf = "claudemesh/account/self";
    internal const string Fingerprint = "claudemesh/fingerprint";
    internal const string Direct = "claudemesh/direct";
    internal const string Broadcast = "claudemesh/broadcast";
    internal const string InviteSign = "claudemesh/invite/sign";
    internal const string InviteWrap = "claudemesh/invite/wrap";
    internal const string DeviceApproval = "claudemesh/device-approval";
    internal const string RecoveryKey = "claudemesh/recovery-key";
    internal const string RecoveryPrf = "claudemesh/recovery-prf";

    internal static string Peer(string meshId) => $"claudemesh/mesh/{Id(meshId)}/peer";

    internal static string Session(string sessionId) => $"claudemesh/session/{Id(sessionId)}";

    internal static string RootId(string scope, long epoch) => $"claudemesh/root-id/{Scope(scope)}/{Number(epoch)}";

    internal static string Back(string scope, long epoch) => $"claudemesh/back/{Scope(scope)}/{Number(epoch)}";

    internal static string Topic(string topicId) => $"claudemesh/topic/{Id(topicId)}";

    internal static string TopicV2(string topicId) => $"claudemesh/topic-v2/{Id(topicId)}";

    internal static string Group(string name) => $"claudemesh/group/{name}";

    internal static string Tag(string tag) => $"claudemesh/tag/{tag}";

    internal static string Object(string kind) => $"claudemesh/object/{kind}";

    /// <param name="salt">An id: it is checked, because a broker may have chosen it.</param>
    internal static SecretBytes Derive(ReadOnlySpan<byte> ikm, string salt, string info)
    {
        SecretBytes key = new(KeySize);
        Derive(ikm, salt, info, key.Writable);
        return key;
    }

    internal static void Derive(ReadOnlySpan<byte> ikm, string salt, string info, Span<byte> key)
    {
        Span<byte> saltBytes = stackalloc byte[WireId.CharsMax];
        int saltLength = Encoding.UTF8.GetBytes(Id(salt), saltBytes);
        Span<byte> infoBytes = stackalloc byte[256];
        byte[]? longInfo = null;
        if (!Encoding.UTF8.TryGetBytes(info, infoBytes, out int infoLength))
            longInfo = Encoding.UTF8.GetBytes(info);
        HkdfSha256.Derive(ikm, saltBytes[..saltLength], longInfo ?? infoBytes[..infoLength], key);
    }

    internal static SigningKey DeriveSigning(ReadOnlySpan<byte> ikm, string salt, string info)
    {
        Span<byte> seed = stackalloc byte[KeySize];
        Derive(ikm, salt, info, seed);
        SigningKey key = SigningKey.FromSeed(seed);
        Native.sodium_memzero(seed, KeySize);
        return key;
    }

    private static string Id(string id)
    {
        WireId.ThrowIfInvalid(id, nameof(id));
        return id;
    }

    private static string Scope(string scope) =>
        RootReference.IsScope(scope) ? scope : throw new ArgumentException("A scope is mesh or topic/<topic_id>.", nameof(scope));

    private static string Number(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        return number.ToString(CultureInfo.InvariantCulture);
    }
}
