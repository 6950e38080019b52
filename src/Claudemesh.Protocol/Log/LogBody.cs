using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Log;

/// <summary>
/// What a record of the log says: <c>T("claudemesh/log/" + type + "/1", …)</c> with the fields of keys.md 4. Texts that people write
/// have at most 200 characters. Who may say it, and when, is for the log's reader to judge.
/// </summary>
public abstract partial record LogBody : ISignable
{
    private LogBody()
    {
    }

    public abstract string Type { get; }

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(LabelOf(Type));
        WriteFields(ref bytes);
    }

    /// <summary>Whether this version knows what such a record means. A log with another one can only be followed by a newer client.</summary>
    public static bool IsKnown(string type) => type is Genesis.Name or Policy.Name or Invite.Name or Uninvite.Name or Join.Name
        or Admit.Name or Role.Name or Remove.Name or KeyChange.Name or Epoch.Name;

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes; another type's body, a word too many or a byte too many is false.</summary>
    public static bool TryParse(string type, ReadOnlySpan<byte> bytes, out LogBody? body)
    {
        body = null;
        if (!IsKnown(type) || !SignedFields.TryOpen(bytes, LabelOf(type), out SignedFields fields))
            return false;

        LogBody? read = type switch
        {
            Genesis.Name => Genesis.Read(ref fields),
            Policy.Name => Policy.Read(ref fields),
            Invite.Name => Invite.Read(ref fields),
            Uninvite.Name => Uninvite.Read(ref fields),
            Join.Name => Join.Read(ref fields),
            Admit.Name => Admit.Read(ref fields),
            Role.Name => Role.Read(ref fields),
            Remove.Name => Remove.Read(ref fields),
            KeyChange.Name => KeyChange.Read(ref fields),
            _ => Epoch.Read(ref fields),
        };
        body = fields.AtEnd ? read : null;
        return body is not null;
    }

    private static string LabelOf(string type) => $"claudemesh/log/{type}/1";

    private protected abstract void WriteFields(ref SignedBytes bytes);
}
