using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Output;

/// <summary>Which fields <c>--json</c> asked for.</summary>
/// <param name="Names">In the order asked; null: all.</param>
internal sealed record JsonFields(IReadOnlyList<string>? Names)
{
    public static JsonFields All { get; } = new((IReadOnlyList<string>?)null);

    public static JsonFields Parse(string? text) =>
        text is null or SharedOptions.AllFields
            ? All
            : new([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)]);

    /// <returns>A sentence about the first field that the verb does not print; null when it prints them all.</returns>
    public string? FindUnknown(JsonShape shape)
    {
        if (Names is null)
            return null;

        IReadOnlyList<string> known = shape.Fields;
        return Names.Count == 0
            ? $"--json= needs fields, separated by commas; there are: {string.Join(", ", known)}."
            : Names.Where(name => !known.Contains(name, StringComparer.Ordinal))
                .Select(name => $"There is no field '{name}' to print; there are: {string.Join(", ", known)}.")
                .FirstOrDefault();
    }
}
