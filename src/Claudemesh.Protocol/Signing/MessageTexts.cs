namespace Claudemesh.Protocol.Signing;

/// <summary>The payload inside a version 3 message.</summary>
/// <param name="Type"><c>text</c>, <c>json</c> or a later name; a reader shows an unknown one as not understood.</param>
public sealed record MessageBody(string Type, string Text) : ISignable
{
    public const string Label = "claudemesh/body/3";
    public const string TypeText = "text";
    public const string TypeJson = "json";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.OneOf(Type, Type.Length > 0);
        bytes.Text(Text);
    }

    public static bool TryParse(ReadOnlySpan<byte> payload, out MessageBody? body)
    {
        body = null;
        if (!SignedFields.TryOpen(payload, Label, out SignedFields fields)
            || !fields.TryText(out string type)
            || type.Length == 0
            || !fields.TryText(out string text)
            || !fields.AtEnd)
            return false;

        body = new MessageBody(type, text);
        return true;
    }
}

/// <summary>What the author's member key signs: the header's bytes and the payload's bytes as they are.</summary>
/// <param name="Label"><see cref="OfMessage"/> or <see cref="OfObject"/>.</param>
public readonly record struct BodySignatureText(string Label, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Payload) : ISignable
{
    public const string OfMessage = "claudemesh/message-sig/3";
    public const string OfObject = "claudemesh/object-sig/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Field(Header.Span);
        bytes.Field(Payload.Span);
    }
}
