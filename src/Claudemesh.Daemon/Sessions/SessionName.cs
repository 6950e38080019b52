using System.Globalization;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Sessions;

/// <summary>Sessions are named after their folders, and several may be in one.</summary>
internal static class SessionName
{
    /// <summary>The name itself when it is free, else with the first free number behind it: <c>billing-2</c>.</summary>
    /// <param name="taken">Names compare in any case here, as addresses do.</param>
    public static string MakeDistinct(string wanted, IEnumerable<string> taken)
    {
        HashSet<string> others = taken.ToHashSet(StringComparer.OrdinalIgnoreCase);
        string name = wanted;
        for (int number = 2; others.Contains(name); number++)
        {
            string suffix = string.Create(CultureInfo.InvariantCulture, $"-{number}");
            name = Cut(wanted, DisplayName.CharsMax - suffix.Length) + suffix;
        }

        return name;
    }

    private static string Cut(string text, int charsMax)
    {
        if (text.Length <= charsMax)
            return text;

        // Half of a character beyond the first plane is no text.
        return text[..(char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax)];
    }
}
