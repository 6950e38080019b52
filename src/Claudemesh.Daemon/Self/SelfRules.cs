using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Self;

/// <summary>What may be said of oneself: the bounds of the wire, told before anything is kept.</summary>
internal static class SelfRules
{
    public static LocalProblem? FindFault(ChangeSelf request) =>
        FindFaultIn(request) is { } fault ? LocalProblem.Of(LocalErrors.InvalidRequest, fault, 400, ExitCode.BadArguments) : null;

    private static string? FindFaultIn(ChangeSelf request)
    {
        if (request.Name is { } name && !DisplayName.TryParse(name, out _))
            return $"A name is {DisplayName.Rule}.";
        if (request.Status is not (null or PeerStatuses.Idle or PeerStatuses.Working or PeerStatuses.Dnd))
            return "A status is idle, working or dnd.";
        if ((request.Join?.Name ?? request.Leave) is { } group && !GroupName.TryParse(group, out _))
            return $"'{group}' is no name of a group: that is {GroupName.Rule}.";

        Profile? profile = request.Profile;
        return TooLong("A summary", request.Summary, WireLimits.SummaryCharsMax)
            ?? TooLong("A role", request.Join?.Role, WireLimits.GroupRoleCharsMax)
            ?? TooLong("A title", profile?.Title, WireLimits.TitleCharsMax)
            ?? TooLong("A bio", profile?.Bio, WireLimits.BioCharsMax)
            ?? TooLong("An avatar", profile?.Avatar, WireLimits.AvatarCharsMax)
            ?? FindFaultIn(profile?.Capabilities);
    }

    private static string? FindFaultIn(IReadOnlyList<string>? capabilities) => capabilities switch
    {
        { Count: > WireLimits.CapabilitiesMax } => $"There are at most {WireLimits.CapabilitiesMax} capabilities, not {capabilities.Count}.",
        _ => capabilities?.Select(word => word.Length == 0 ? "A capability is not empty." : TooLong("A capability", word, WireLimits.CapabilityCharsMax))
            .FirstOrDefault(fault => fault is not null),
    };

    private static string? TooLong(string what, string? text, int charsMax) =>
        text is null || text.Length <= charsMax ? null : $"{what} has at most {charsMax} characters, and this one has {text.Length}.";
}
