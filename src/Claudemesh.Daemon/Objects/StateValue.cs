using System.Text.Json;

namespace Claudemesh.Daemon.Objects;

/// <summary>A state's value: its JSON as it was written.</summary>
internal static class StateValue
{
    /// <summary>The local API answers at most this deep.</summary>
    private const int DepthMax = 12;

    private static readonly JsonDocumentOptions Shown = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    public static bool IsJson(string text)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>As the local API answers it. What is too deep for that, or has a field twice, is answered as a text with the JSON in it.</summary>
    public static JsonElement Show(string text)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(text, Shown);
            return parsed.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text, ObjectColumns.Default.String);
        }
    }
}
