using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>What kind of program a member uses. A <see cref="Legacy"/> member's only key proof is 1.x's, and it reads 1.x only.</summary>
internal static class MemberKinds
{
    public const string Person = "person";
    public const string Bot = "bot";
    public const string Legacy = "legacy";
}

/// <summary>A member as listed by the broker and admitted by the pins, or as pinned when there is no broker.</summary>
internal sealed record RosterMember(
    PublicKey Key,
    string MemberId,
    string Name,
    string Role,
    string Kind,
    bool Online,
    DateTimeOffset? JoinedAt,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Tags)
{
    /// <summary>How many devices of it have been here lately, and when one was last, as the broker says.</summary>
    public int? Devices { get; init; }

    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>Listed by the broker and not in the log: shown so, and never written to under a member's key.</summary>
    public bool Unverified { get; init; }
}

/// <summary>Someone who is online.</summary>
/// <param name="Key">A session's key, or the member's.</param>
/// <param name="ReadsVersion3">False for a 1.x program.</param>
internal sealed record RosterPeer(
    PublicKey Key,
    PublicKey MemberKey,
    string Name,
    bool ReadsVersion3,
    string? SessionId,
    string Status,
    string? Summary,
    IReadOnlyList<GroupTag> Groups,
    IReadOnlyList<string> Tags,
    string? Cwd,
    string? Hostname,
    string? Model,
    DateTimeOffset ConnectedAt,
    bool Visible = true,
    PeerProfile? Profile = null)
{
    public bool IsSession => Key != MemberKey;
}

/// <summary>Whom a workspace knows at one moment.</summary>
/// <param name="Complete">False when the broker could never be asked: only pinned members are in it, without groups and tags.</param>
internal sealed record Roster(IReadOnlyList<RosterMember> Members, IReadOnlyList<RosterPeer> Peers, bool Complete)
{
    /// <summary>When it was known, if the broker could not be asked this time.</summary>
    public DateTimeOffset? StaleSince { get; init; }

    /// <summary>Why the broker could not be asked this time, as far as that is known.</summary>
    public LocalProblem? Trouble { get; init; }

    public bool IsStale => !Complete || StaleSince is not null;

    /// <summary>The refusal of what only the broker could have answered.</summary>
    /// <param name="what">What is not known, as a sentence.</param>
    public LocalProblem Unanswered(string what) => Trouble is { } trouble
        ? trouble with { Detail = $"{what} {trouble.Detail}" }
        : LocalProblem.Of(LocalErrors.BrokerUnreachable, $"{what} Its broker cannot be reached now.", 503, ExitCode.Network, retryable: true);

    /// <summary>Members for whom the broker shows another key than the pinned one. They are not among the others.</summary>
    public IReadOnlyList<RosterMember> Replaced { get; init; } = [];

    /// <summary>Who wants to be admitted; told to owners and admins only.</summary>
    public IReadOnlyList<WaitingMember> Waiting { get; init; } = [];
}

/// <summary>One recipient, fully decided: nothing about it is looked up again when it is sent.</summary>
/// <param name="Key">The member key; for a 1.x box to a key that is no member's, that key.</param>
/// <param name="Session">An address inside the member, or nobody's in particular.</param>
/// <param name="Box">1.x <c>crypto_box</c> instead of version 3.</param>
internal sealed record Recipient(string Name, PublicKey Key, PublicKey? Session, bool Box, bool Online)
{
    /// <summary>One message to several: <c>*</c>, <c>@group</c>, <c>tag:…</c> or <c>#topic-id</c>, written under their scope's root. Empty for one recipient.</summary>
    public string Target { get; init; } = "";

    public static Recipient Several(string name, string target) => new(name, default, null, Box: false, Online: true) { Target = target };
}
