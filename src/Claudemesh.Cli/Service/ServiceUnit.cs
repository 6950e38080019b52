using System.Security;

namespace Claudemesh.Cli.Service;

/// <summary>What the system is told about the daemon.</summary>
internal static class ServiceUnit
{
    public const string SystemdName = "claudemesh.service";
    public const string LaunchdLabel = "com.claudemesh.daemon";

    /// <summary>
    /// A unit of the person's own systemd. One that ends well stays ended (`daemon down`), one that fails is started again, and one that cannot run is not
    /// tried for ever: a command line that is wrong (3), another daemon that runs already (6), a disk that takes nothing (10).
    /// </summary>
    /// <param name="home">Null: the usual folder.</param>
    public static string Systemd(string program, string? home) =>
        $"""
        [Unit]
        Description=claudemesh daemon, which holds your keys and messages
        StartLimitIntervalSec=60
        StartLimitBurst=5

        [Service]
        Type=exec
        ExecStart={SystemdQuote(program, isArgument: false)}{(home is null ? "" : $" --home {SystemdQuote(home, isArgument: true)}")}
        Restart=on-failure
        RestartSec=3
        RestartPreventExitStatus=3 6 10
        UMask=0077

        [Install]
        WantedBy=default.target

        """;

    /// <summary>An agent of launchd, started again only when it has failed.</summary>
    public static string Launchd(string program, string? home)
    {
        string words = string.Concat(new[] { program }.Concat(home is null ? [] : ["--home", home]).Select(word => $"\n    <string>{SecurityElement.Escape(word)}</string>"));
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            <plist version="1.0">
            <dict>
              <key>Label</key>
              <string>{LaunchdLabel}</string>
              <key>ProgramArguments</key>
              <array>{words}
              </array>
              <key>RunAtLoad</key>
              <true/>
              <key>KeepAlive</key>
              <dict>
                <key>SuccessfulExit</key>
                <false/>
              </dict>
              <key>ThrottleInterval</key>
              <integer>10</integer>
              <key>ProcessType</key>
              <string>Background</string>
              <key>Umask</key>
              <integer>63</integer>
            </dict>
            </plist>

            """;
    }

    /// <summary>As one word of ExecStart: in quotes, with what systemd would put something else in place of. Variables are for arguments only.</summary>
    private static string SystemdQuote(string word, bool isArgument) => "\"" + word
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("%", "%%", StringComparison.Ordinal)
        .Replace("$", isArgument ? "$$" : "$", StringComparison.Ordinal) + "\"";
}
