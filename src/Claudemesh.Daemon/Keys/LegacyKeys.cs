using System.Text;
using System.Text.Unicode;
using Claudemesh.Crypto;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// The key of a topic that is shared with 1.x: derived from the root of the topic's scope, so that every member has it without being told
/// (keys.md 2). 1.x has one key for a topic and no epochs; what was written under an earlier root is opened with that.
/// </summary>
internal static class LegacyKeys
{
    /// <summary>Roots that are tried, from the present one back. A post under an older one is as unreadable as one under a foreign key.</summary>
    private const int EpochsMax = 64;

    /// <summary>False when no root's key opens it, or it is no text.</summary>
    public static bool TryOpenPost(ScopeKeys scope, string topicId, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, out string? text)
    {
        text = null;
        if (nonce.Length != SecretBox.NonceSize)
            return false;

        long newest = scope.State.Epoch;
        for (long epoch = newest; epoch > Math.Max(0, newest - EpochsMax); epoch--)
        {
            if (scope.FindRoot(epoch) is not { } root)
                continue;

            using SecretBytes key = root.DeriveTopicKeyV2(topicId);
            if (!SecretBox.TryOpen(key.Expose(), nonce, ciphertext, out byte[]? body))
                continue;

            text = Utf8.IsValid(body) ? Encoding.UTF8.GetString(body!) : null;
            return text is not null;
        }

        return false;
    }
}
