using Claudemesh.Local;

namespace Claudemesh.Daemon.Sessions;

/// <summary>What a session may do, words of <see cref="SessionWords"/> as bits.</summary>
[Flags]
internal enum SessionCapabilities
{
    None = 0,
    Read = 1,
    Send = 2,
    Topics = 4,
    State = 8,
    Self = 16,
    Admin = 32,
    All = Read | Send | Topics | State | Self | Admin,
}

internal static class SessionCapabilityWords
{
    /// <summary>Null when a word is none of them.</summary>
    public static SessionCapabilities? Read(IEnumerable<string> words)
    {
        SessionCapabilities read = SessionCapabilities.None;
        foreach (string word in words)
        {
            if (!SessionWords.All.Contains(word, StringComparer.Ordinal))
                return null;

            read |= Enum.Parse<SessionCapabilities>(word, ignoreCase: true);
        }

        return read;
    }

    public static IReadOnlyList<string> Write(SessionCapabilities capabilities) =>
        [.. SessionWords.All.Where(word => capabilities.HasFlag(Enum.Parse<SessionCapabilities>(word, ignoreCase: true)))];

    public static string Unknown => $"A session is left {string.Join(", ", SessionWords.All.Take(SessionWords.All.Count - 1))} or {SessionWords.All[^1]}.";
}
