using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Objects;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>A plain state value as it travels.</summary>
internal static class PlainState
{
    public static StateEntry Read(ObjectRow row)
    {
        Utf8JsonReader reader = new(row.Body);
        return new StateEntry(row.Name, JsonElement.ParseValue(ref reader), row.WrittenBy, row.WrittenAt.ToTime());
    }

    public static byte[] Write(JsonElement value) => JsonSerializer.SerializeToUtf8Bytes(value, StateJson.Default.JsonElement);
}
