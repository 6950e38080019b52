using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Claudemesh.Crypto;

/// <summary>
/// The JSON text that 1.x hashes: keys sorted at every level, no white space, otherwise exactly what <c>JSON.stringify</c> prints:
/// integer-like keys first and by value, numbers in their shortest form, only quotes, backslashes and control characters escaped.
/// </summary>
public static class CanonicalJson
{
    private const int DepthMax = 64;

    /// <exception cref="ArgumentException">Nested deeper than 64 levels.</exception>
    public static string Write(JsonElement value)
    {
        StringBuilder text = new();
        Append(text, value, depth: 0);
        return text.ToString();
    }

    internal static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c < ' ')
                AppendControl(text, c);
            else if (char.IsSurrogate(c) && !IsPairAt(value, i))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        text.Append('"');
    }

    private static bool IsPairAt(string value, int i) =>
        char.IsHighSurrogate(value[i])
            ? i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])
            : i > 0 && char.IsHighSurrogate(value[i - 1]);

    private static void AppendControl(StringBuilder text, char c)
    {
        _ = c switch
        {
            '\b' => text.Append("\\b"),
            '\f' => text.Append("\\f"),
            '\n' => text.Append("\\n"),
            '\r' => text.Append("\\r"),
            '\t' => text.Append("\\t"),
            _ => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        };
    }

    private static void Append(StringBuilder text, JsonElement value, int depth)
    {
        if (depth > DepthMax)
            throw new ArgumentException("JSON is nested deeper than 64 levels.", nameof(value));

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value, depth);
                break;
            case JsonValueKind.Array:
                AppendArray(text, value, depth);
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(JavaScriptNumber(value.GetDouble()));
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void AppendArray(StringBuilder text, JsonElement value, int depth)
    {
        char separator = '[';
        foreach (JsonElement item in value.EnumerateArray())
        {
            text.Append(separator);
            Append(text, item, depth + 1);
            separator = ',';
        }

        text.Append(separator is '[' ? "[]" : "]");
    }

    private static void AppendObject(StringBuilder text, JsonElement value, int depth)
    {
        // Of a key that comes twice the last one counts, as everywhere in JavaScript.
        Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
            members[member.Name] = member.Value;

        char separator = '{';
        foreach ((string name, JsonElement member) in members.OrderBy(m => ArrayIndex(m.Key)).ThenBy(m => m.Key, StringComparer.Ordinal))
        {
            text.Append(separator);
            AppendString(text, name);
            text.Append(':');
            Append(text, member, depth + 1);
            separator = ',';
        }

        text.Append(separator is '{' ? "{}" : "}");
    }

    /// <summary>JavaScript lists keys that are array indexes (0 … 2^32−2, no leading zero) first, by value.</summary>
    private static long ArrayIndex(string key) =>
        uint.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out uint index)
        && index < uint.MaxValue
        && (key.Length == 1 || key[0] != '0')
            ? index
            : long.MaxValue;

    /// <summary>ECMAScript's Number::toString: shortest digits that read back the same, plain from 1e-6 up to below 1e21.</summary>
    private static string JavaScriptNumber(double number)
    {
        if (number == 0)
            return "0";
        if (!double.IsFinite(number))
            return "null";

        (string digits, int pointAt) = Digits(Math.Abs(number).ToString("R", CultureInfo.InvariantCulture));
        string sign = number < 0 ? "-" : string.Empty;

        if (digits.Length <= pointAt && pointAt <= 21)
            return sign + digits + new string('0', pointAt - digits.Length);
        if (pointAt is > 0 and <= 21)
            return $"{sign}{digits[..pointAt]}.{digits[pointAt..]}";
        if (pointAt is > -6 and <= 0)
            return $"{sign}0.{new string('0', -pointAt)}{digits}";

        int exponent = pointAt - 1;
        string mantissa = digits.Length == 1 ? digits : $"{digits[..1]}.{digits[1..]}";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }

    /// <summary>The significant digits of a number and where the point stands: 0.digits × 10^pointAt.</summary>
    private static (string Digits, int PointAt) Digits(string shortest)
    {
        int exponent = 0;
        int e = shortest.IndexOf('E', StringComparison.Ordinal);
        if (e >= 0)
        {
            exponent = int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            shortest = shortest[..e];
        }

        int point = shortest.IndexOf('.', StringComparison.Ordinal);
        int pointAt = (point < 0 ? shortest.Length : point) + exponent;
        string all = shortest.Replace(".", string.Empty, StringComparison.Ordinal);
        string withoutLeading = all.TrimStart('0');
        return (withoutLeading.TrimEnd('0'), pointAt - (all.Length - withoutLeading.Length));
    }
}
