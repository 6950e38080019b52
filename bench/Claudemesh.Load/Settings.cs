using System.Globalization;

namespace Claudemesh.Load;

/// <summary>What the command line asks for.</summary>
internal sealed class Settings
{
    private static readonly string[] Flags = ["full", "help"];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    private Settings()
    {
    }

    /// <summary>The measurements to make, in this order; empty: all.</summary>
    public List<string> Scenarios { get; } = [];

    /// <summary>A broker that runs already; null: each measurement starts one of its own.</summary>
    public Uri? Broker => values.TryGetValue("broker", out string? url) ? new Uri(url) : null;

    /// <summary>The process of <see cref="Broker"/>, when its figures are wanted and it runs on this machine.</summary>
    public int? BrokerProcess => values.ContainsKey("pid") ? Number("pid", 0) : null;

    /// <summary>A PostgreSQL database for the broker that is measured on one; null: none is.</summary>
    public string? Database => values.GetValueOrDefault("database");

    /// <summary>Where the native programs are.</summary>
    public string Binaries => values.GetValueOrDefault("binaries") ?? Environment.GetEnvironmentVariable("CLAUDEMESH_BINARIES") ?? "artifacts";

    /// <summary>How often the broker and the sink are measured, in turn; the middle one counts.</summary>
    public int Rounds => Number("rounds", 3);

    /// <summary>Of one round.</summary>
    public TimeSpan Time => TimeSpan.FromSeconds(Number("seconds", 4));

    public int Pairs => Number("pairs", 10);

    public int Window => Number("window", 64);

    /// <summary>So many delivered messages are stored before direct messages are measured once more; 0: not.</summary>
    public int Stored => Number("stored", IsFull ? 1_000_000 : 0);

    public int IdleSockets => Number("sockets", 10_000);

    /// <summary>Also what takes minutes.</summary>
    public bool IsFull => values.ContainsKey("full");

    public bool AsksForHelp => values.ContainsKey("help");

    public string Program(string name) => Path.GetFullPath(Path.Combine(Binaries, name));

    /// <exception cref="FormatException">An option that is not known, or without its value.</exception>
    public static Settings Parse(string[] arguments)
    {
        Settings settings = new();
        for (int at = 0; at < arguments.Length; at++)
        {
            if (!arguments[at].StartsWith("--", StringComparison.Ordinal))
            {
                settings.Scenarios.Add(arguments[at]);
                continue;
            }

            string name = arguments[at][2..];
            if (Flags.Contains(name, StringComparer.Ordinal))
                settings.values[name] = "";
            else if (name is "broker" or "database" or "pid" or "binaries" or "rounds" or "seconds" or "pairs" or "window" or "stored" or "sockets" && at + 1 < arguments.Length)
                settings.values[name] = arguments[++at];
            else
                throw new FormatException($"--{name} is not known, or lacks its value.");
        }

        return settings;
    }

    private int Number(string name, int fallback) =>
        !values.TryGetValue(name, out string? text) ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new FormatException($"--{name} takes a number.");
}
