using System.Globalization;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli;

/// <summary>Everything that a verb may touch.</summary>
/// <param name="Session">The session whose model typed the verb; null when a person or a script did.</param>
internal sealed record Surroundings(Terminal Terminal, DaemonDoor Daemon, DaemonHome Home, TimeProvider Clock, string? Session = null)
{
    /// <summary>The daemon's door: everybody's, or with <c>--no-daemon</c> one of this call alone.</summary>
    public DaemonDoor Daemon { get; set; } = Daemon;

    /// <summary>A variable of the environment; null when it is not set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The file of this program, absolute, links followed.</summary>
    public string Self { get; init; } = Environment.ProcessPath ?? "claudemesh";

    /// <summary>A time as people read it here, to the minute.</summary>
    public string Minute(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, Clock.LocalTimeZone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
