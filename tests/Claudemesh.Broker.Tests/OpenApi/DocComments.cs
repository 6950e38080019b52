using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>What the doc comments of the protocol's records say, as plain sentences.</summary>
internal sealed partial class DocComments
{
    private readonly Dictionary<string, XElement> members;

    public DocComments() => members = XDocument
        .Load(Path.Combine(AppContext.BaseDirectory, "Claudemesh.Protocol.xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    public string? FindSummary(Type type) => Text(Find(type)?.Element("summary"));

    public string? FindParameter(Type type, string name) =>
        Text(Find(type)?.Elements("param").FirstOrDefault(param => param.Attribute("name")!.Value == name));

    private XElement? Find(Type type) => members.GetValueOrDefault("T:" + type.FullName!.Replace('+', '.'));

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;

        string text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "see" } see => see.Attribute("cref")!.Value.Split('.', ':', '(')[^1],
            XElement { Name.LocalName: "paramref" } named => CamelCase(named.Attribute("name")!.Value),
            XElement other => other.Value,
            _ => "",
        }));
        text = Reference().Replace(Space().Replace(text, " "), "").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Space();

    /// <summary>Where a rule comes from is nothing to who uses it.</summary>
    [GeneratedRegex(@" \((wire|rest) reference [^)]*\)| \(keys\.md [^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Reference();
}
