using System.Globalization;

namespace Claudemesh.Load.Targets;

/// <summary>The broker's own counts, from the text of <c>/metrics</c>; labels of one name are added up. Empty where the broker tells none.</summary>
internal sealed class BrokerCounters
{
    private readonly Dictionary<string, double> values = new(StringComparer.Ordinal);

    /// <summary>Zero for what the broker does not count.</summary>
    public double this[string name] => values.GetValueOrDefault(name);

    public static async Task<BrokerCounters> ReadAsync(Uri broker, CancellationToken cancellationToken)
    {
        BrokerCounters counters = new();
        using HttpClient http = new();
        using HttpResponseMessage response = await http.GetAsync(new Uri(broker, "/metrics"), cancellationToken);
        if (!response.IsSuccessStatusCode)
            return counters;

        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int value = line.LastIndexOf(' ');
            if (line[0] == '#' || value < 0)
                continue;

            int labels = line.IndexOf('{', StringComparison.Ordinal);
            string name = labels < 0 ? line[..value] : line[..labels];
            if (double.TryParse(line.AsSpan(value + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
                counters.values[name] = counters[name] + number;
        }

        return counters;
    }
}
