using System.Collections;
using Claudemesh.Cli.Service;
using Claudemesh.Local;

namespace Claudemesh.Cli.Account;

/// <summary>The person's browser, where he sits at this computer.</summary>
internal static class Browser
{
    /// <summary>Opens a page, and does not wait for it.</summary>
    /// <returns>False where there is no browser to open, or its person is on another computer.</returns>
    public static bool TryOpen(Surroundings around, string page)
    {
        if (around.Variable("SSH_CONNECTION") is { Length: > 0 } || around.Variable("SSH_TTY") is { Length: > 0 } || Find(around) is not { } program)
            return false;

        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
            environment[(string)one.Key] = (string?)one.Value ?? "";
        (int pid, int error) = DetachedProcess.Start(program, [page], environment, around.Variable("HOME") ?? "/", "/dev/null");
        return error == 0 && pid > 0;
    }

    private static string? Find(Surroundings around)
    {
        if (OperatingSystem.IsMacOS())
            return SystemProgram.Find(around, "open");

        bool hasScreen = around.Variable("DISPLAY") is { Length: > 0 } || around.Variable("WAYLAND_DISPLAY") is { Length: > 0 };
        return hasScreen ? SystemProgram.Find(around, "xdg-open") : null;
    }
}
