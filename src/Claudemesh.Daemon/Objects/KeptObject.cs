using System.Text;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <param name="Plain">A 1.x client's, which the broker can read. A name can have one of each.</param>
internal sealed record ObjectId(ObjectKind Kind, bool Plain, string Name)
{
    public static ObjectId Of(SealedObject given) => new(given.Kind, given.Plain, given.Name);
}

/// <summary>An object as this daemon shows it, and what the broker gave last where that is not shown.</summary>
/// <param name="Revision">The newest that was opened; 0: none yet.</param>
/// <param name="Nonce">Which writing of that revision it is.</param>
/// <param name="Text">A state's JSON, a memory's or a summary's text; empty where there is no value.</param>
/// <param name="Author">The key that signed it; empty for a plain one.</param>
/// <param name="WrittenBy">The author's name as the broker says.</param>
/// <param name="WrittenAt">Ms since 1970, by the author's clock; for a plain one by the broker's.</param>
/// <param name="Trouble">One of <see cref="ObjectTroubles"/>; null: what is shown is what the broker gave last.</param>
/// <param name="Waiting">Given by the broker and not to be opened yet: its root or its author's record is not here.</param>
internal sealed record KeptObject(
    ObjectId Id,
    long Revision,
    byte[] Nonce,
    bool HasValue,
    string Text,
    string[] Tags,
    string Author,
    string WrittenBy,
    long WrittenAt,
    string? Trouble = null,
    SealedObject? Waiting = null)
{
    /// <summary>The newest revision that is known of, shown or not.</summary>
    public long SeenRevision => Math.Max(Revision, Waiting?.Revision ?? 0);

    public static KeptObject Unknown(ObjectId id) => new(id, 0, [], HasValue: false, "", [], "", "", 0);
}

/// <summary>Why what the broker gave is not shown. The names of refusals in words.</summary>
internal static class ObjectTroubles
{
    public const string Older = "older than seen";

    public static string Of(MessageRefusal refusal)
    {
        StringBuilder words = new();
        foreach (char letter in refusal.ToString())
            words.Append(char.IsUpper(letter) && words.Length > 0 ? " " : "").Append(char.ToLowerInvariant(letter));
        return words.ToString();
    }
}
