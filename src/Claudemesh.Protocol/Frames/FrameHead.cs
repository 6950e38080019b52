using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Claudemesh.Protocol;

/// <summary>
/// What is needed to route a frame: where its top-level <c>type</c>, <c>_reqId</c> and <c>id</c> are. Found in one pass that allocates nothing and also
/// proves that the frame is one whole JSON object in UTF-8, so that what reads it afterwards can only fail on its meaning.
/// </summary>
/// <remarks>The texts are kept as they are in the JSON, escapes included: a <c>_reqId</c> is only ever written back.</remarks>
public readonly struct FrameHead
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = WireLimits.JsonDepthMax };

    private readonly Range typeAt;
    private readonly Range requestIdAt;
    private readonly Range idAt;

    private FrameHead(Range type, Range requestId, Range id)
    {
        typeAt = type;
        requestIdAt = requestId;
        idAt = id;
    }

    /// <summary>The value of <c>type</c>, at least one byte.</summary>
    public ReadOnlySpan<byte> Type(ReadOnlySpan<byte> frame) => frame[typeAt];

    /// <summary>The value of <c>_reqId</c> as JSON without its quotes; empty when there is none.</summary>
    public ReadOnlySpan<byte> RequestId(ReadOnlySpan<byte> frame) => frame[requestIdAt];

    /// <inheritdoc cref="RequestId(ReadOnlySpan{byte})"/>
    public ReadOnlyMemory<byte> RequestId(ReadOnlyMemory<byte> frame) => frame[requestIdAt];

    /// <summary>The value of <c>id</c> as text, for the refusal of a message that could not be read; null when there is none.</summary>
    public string? FindId(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> text = frame[idAt];
        if (text.IsEmpty)
            return null;

        try
        {
            Utf8JsonReader reader = new([(byte)'"', .. text, (byte)'"']);
            return reader.Read() ? reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, so nothing to correlate by.
            return null;
        }
    }

    /// <summary>As the other overload; the refusal is always <see cref="MeshError.BadJson"/> then.</summary>
    public static bool TryScan(ReadOnlySpan<byte> utf8, out FrameHead head) => TryScan(utf8, out head, out _);

    /// <summary>
    /// Finds the head of a frame. False for anything but one JSON object in valid UTF-8, at most 32 levels deep, with nothing after it, with a text in
    /// <c>type</c>, and with at most one <c>_reqId</c>, a text of at most 128 bytes.
    /// </summary>
    public static bool TryScan(ReadOnlySpan<byte> utf8, out FrameHead head, [NotNullWhen(false)] out MeshError? refusal)
    {
        head = default;
        refusal = null;
        try
        {
            refusal = Utf8.IsValid(utf8) ? Scan(utf8, out head) : MeshError.BadJson;
        }
        catch (JsonException)
        {
            refusal = MeshError.BadJson;
        }

        return refusal is null;
    }

    private static MeshError? Scan(ReadOnlySpan<byte> utf8, out FrameHead head)
    {
        head = default;
        Range type = default, requestId = default, id = default;
        Utf8JsonReader reader = new(utf8, isFinalBlock: true, new JsonReaderState(Strict));
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return MeshError.BadJson;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8), isRequestId = reader.ValueTextEquals("_reqId"u8), isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (isType)
            {
                if (!type.Equals(default) || !TryTake(ref reader, int.MaxValue, out type))
                    return MeshError.BadJson;
            }
            else if (isRequestId)
            {
                if (!requestId.Equals(default) || !TryTake(ref reader, WireLimits.RequestIdBytesMax, out requestId))
                    return MeshError.BadJson.With("The message is invalid: its _reqId must be one text of 1 to 128 bytes.");
            }
            else if (isId)
            {
                TryTake(ref reader, WireLimits.RequestIdBytesMax, out id);
            }

            reader.Skip();
        }

        // Reads on to the end: whatever follows the object makes the reader throw.
        while (reader.Read())
        {
        }

        if (type.Equals(default))
            return MeshError.BadJson;

        head = new FrameHead(type, requestId, id);
        return null;
    }

    private static bool TryTake(ref Utf8JsonReader reader, int bytesMax, out Range range)
    {
        int start = (int)reader.TokenStartIndex + 1;
        bool valid = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length is > 0 && reader.ValueSpan.Length <= bytesMax;
        range = valid ? start..(start + reader.ValueSpan.Length) : default;
        return valid;
    }

    public override string ToString() => nameof(FrameHead);
}
