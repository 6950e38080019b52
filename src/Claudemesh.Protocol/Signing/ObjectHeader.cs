using System.Text.Json.Serialization;

namespace Claudemesh.Protocol.Signing;

/// <summary>What an object is. Each kind has a key of its own.</summary>
[JsonConverter(typeof(WordConverter<ObjectKind>))]
public enum ObjectKind
{
    State,
    Memory,
    Summary,
    Schedule,
}

/// <summary>
/// The header H of a state value, memory, summary or schedule (keys.md 6): associated data of its ciphertext, covered by its signature,
/// sent as base64 of these bytes. Objects are written under the workspace's root.
/// </summary>
/// <param name="Name">Visible to the broker: a state's name, a memory's random id. Not empty, at most 256 characters.</param>
/// <param name="Revision">From 1, and above any that the writer has seen.</param>
/// <param name="At">Milliseconds since 1970.</param>
public sealed record ObjectHeader(
    ObjectKind Kind, string MeshId, string Name, long Revision, PublicKey Author, long At, long Epoch, Digest RootId) : ISignable
{
    public const string Label = "claudemesh/object/1";
    public const int NameCharsMax = 256;

    public static string WordOf(ObjectKind kind) => kind switch
    {
        ObjectKind.State => "state",
        ObjectKind.Memory => "memory",
        ObjectKind.Summary => "summary",
        _ => "schedule",
    };

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.OneOf(WordOf(Kind), Enum.IsDefined(Kind));
        bytes.Id(MeshId);
        bytes.OneOf(Name, Name.Length is >= 1 and <= NameCharsMax);
        bytes.Number(Revision >= 1 ? Revision : -1);
        bytes.Key(Author);
        bytes.Number(At);
        bytes.Number(Epoch >= 1 ? Epoch : -1);
        bytes.Hash(RootId);
    }

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes; anything else, also a byte too many, is false.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ObjectHeader? header)
    {
        header = null;
        if (!SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryText(out string word)
            || !TryKind(word, out ObjectKind kind)
            || !fields.TryId(out string meshId)
            || !fields.TryText(out string name)
            || name.Length is 0 or > NameCharsMax
            || !fields.TryNumber(out long revision)
            || revision < 1
            || !fields.TryKey(out PublicKey author)
            || !fields.TryNumber(out long at)
            || !fields.TryNumber(out long epoch)
            || epoch < 1
            || !fields.TryHash(out Digest rootId)
            || !fields.AtEnd)
            return false;

        header = new ObjectHeader(kind, meshId, name, revision, author, at, epoch, rootId);
        return true;
    }

    private static bool TryKind(string word, out ObjectKind kind)
    {
        foreach (ObjectKind known in Enum.GetValues<ObjectKind>())
        {
            kind = known;
            if (WordOf(known) == word)
                return true;
        }

        kind = default;
        return false;
    }
}
