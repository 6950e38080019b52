using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>Reads <see cref="ClientAck"/> by hand: one comes for every delivered push. What is unusual goes to <see cref="FrameReader"/>.</summary>
public static class ClientAckReader
{
    /// <summary>As <see cref="FrameReader"/>, but a client id next to a well-formed broker id, which wins, is left out: it would be one text a message.</summary>
    /// <param name="utf8">A frame that <see cref="FrameHead.TryScan(ReadOnlySpan{byte}, out FrameHead)"/> has accepted.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ClientAck? ack, [NotNullWhen(false)] out MeshError? refusal)
    {
        refusal = null;
        ack = TryFindUsual(utf8, out Usual usual)
            ? new ClientAck(MessageId.TryParse(usual.Broker, out _) ? null : Find(usual.Client), Find(usual.Broker), usual.Session)
            : null;
        return ack is not null || FrameReader.TryRead(utf8, out ack, out refusal);

        static string? Find(ReadOnlySpan<byte> text) => text.IsEmpty ? null : Encoding.UTF8.GetString(text);
    }

    /// <summary>The message id of an acknowledgement that a member's own connection makes by it alone: nearly all of them.</summary>
    /// <returns>False when the frame has to be read with <see cref="TryRead"/>.</returns>
    public static bool TryReadMessageId(ReadOnlySpan<byte> utf8, out MessageId id)
    {
        id = default;
        return TryFindUsual(utf8, out Usual usual) && usual.Session is null && MessageId.TryParse(usual.Broker, out id);
    }

    private static bool TryFindUsual(ReadOnlySpan<byte> utf8, out Usual usual)
    {
        usual = default;
        Utf8JsonReader reader = new(utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool client = reader.ValueTextEquals("clientMessageId"u8), broker = reader.ValueTextEquals("brokerMessageId"u8);
            bool session = reader.ValueTextEquals("sessionId"u8);
            reader.Read();
            if (!client && !broker && !session)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped || reader.ValueSpan.Length is 0 or > WireLimits.ClientIdCharsMax)
                return false;

            if (client && usual.Client.IsEmpty)
                usual.Client = reader.ValueSpan;
            else if (broker && usual.Broker.IsEmpty)
                usual.Broker = reader.ValueSpan;
            else if (session && usual.Session is null && SessionId.TryParse(reader.GetString(), out SessionId value))
                usual.Session = value;
            else
                return false;
        }

        return true;
    }

    private ref struct Usual
    {
        public ReadOnlySpan<byte> Client;
        public ReadOnlySpan<byte> Broker;
        public SessionId? Session;
    }
}
