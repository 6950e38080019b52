using System.Globalization;
using System.Text.RegularExpressions;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Health;

/// <summary>One reading of <c>/metrics</c>, held to the Prometheus text format line by line.</summary>
internal sealed partial class Scrape
{
    private readonly Dictionary<string, double> samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> types = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => types.Keys;

    public IEnumerable<string> Series => samples.Keys;

    /// <summary>A sample by its name with its labels as written; 0 for what has not been counted yet.</summary>
    public double this[string series] => samples.GetValueOrDefault(series);

    public string TypeOf(string name) => types[name];

    /// <summary>All label values of a label, over all samples.</summary>
    public IEnumerable<string> LabelsNamed(string label) =>
        samples.Keys.SelectMany(series => Label().Matches(series)).Where(match => match.Groups["name"].Value == label)
            .Select(match => match.Groups["value"].Value).Distinct();

    public IEnumerable<string> LabelNames => samples.Keys.SelectMany(series => Label().Matches(series)).Select(match => match.Groups["name"].Value).Distinct();

    public static async Task<Scrape> OfAsync(TestBroker broker)
    {
        using HttpResponseMessage response = await broker.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Scrape scrape = new();
        foreach (string line in (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            scrape.Read(line);

        return scrape;
    }

    public override string ToString() => string.Join('\n', samples.Where(sample => sample.Value != 0).Select(sample => $"{sample.Key} {sample.Value}"));

    private void Read(string line)
    {
        if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
        {
            string[] words = line.Split(' ');
            types.Add(words[2], words[3]);
        }
        else if (!line.StartsWith('#'))
        {
            Match match = Sample().Match(line);
            Assert.True(match.Success, $"not a sample: {line}");
            samples.Add(match.Groups["series"].Value.Replace("{}", "", StringComparison.Ordinal), double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex("""^(?<series>[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})?) (?<value>[-+]?(\d[\d.eE+-]*|Inf|NaN))( \d+)?$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();

    [GeneratedRegex("(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
