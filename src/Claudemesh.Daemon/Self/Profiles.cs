using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Self;

/// <summary>Profiles between the wire and the local API.</summary>
internal static class Profiles
{
    /// <summary>Null when it says nothing. A part that was emptied by a 1.x client says nothing either.</summary>
    public static Profile? Describe(PeerProfile? profile)
    {
        if (profile is null)
            return null;

        var described = new Profile(Given(profile.Title), Given(profile.Bio), Given(profile.Avatar), profile.Capabilities is { Length: > 0 } words ? words : null);
        return described == new Profile() ? null : described;
    }

    /// <summary>What is given replaces what was known, what is empty removes it.</summary>
    /// <returns>Null when nothing is left.</returns>
    public static PeerProfile? Merge(PeerProfile? known, Profile? given)
    {
        if (given is null)
            return known;

        var merged = new PeerProfile(
            Given(given.Avatar ?? known?.Avatar),
            Given(given.Title ?? known?.Title),
            Given(given.Bio ?? known?.Bio),
            given.Capabilities switch { null => known?.Capabilities, [] => null, var words => [.. words] });
        return merged == new PeerProfile() ? null : merged;
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
