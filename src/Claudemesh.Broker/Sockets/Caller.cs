using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>Who asks: a proven member of one workspace, by whatever door he came.</summary>
internal sealed class Caller(Workspace workspace, MeshMember member, SocketConnection? connection, ApiKey? key = null)
{
    private MeshMember current = member;
    private long seenVersion = -1;

    public Workspace Workspace { get; } = workspace;

    /// <summary>
    /// As it is now: a name, a role, or a removal may be younger than the connection. Looked up again only when some member has changed,
    /// since this is asked for each frame.
    /// </summary>
    public MeshMember Member
    {
        get
        {
            long version = Workspace.Members.Version;
            if (version != seenVersion)
            {
                current = Workspace.Members.Find(MemberNo) ?? current;
                seenVersion = version;
            }

            return current;
        }
    }

    /// <summary>The socket, when the caller came by one.</summary>
    public SocketConnection? Connection { get; } = connection;

    /// <summary>The API key by which the caller came, which may allow less than his role does.</summary>
    public ApiKey? Key { get; } = key;

    /// <summary>The account by which the caller came, acting as its member.</summary>
    public SignedIn? SignedIn { get; init; }

    public Credential Credential => Key is not null ? Credential.ApiKey : SignedIn?.Credential ?? Credential.Socket;

    /// <summary>This connection's own row of the roster; null for a private connection.</summary>
    public RosterPeer? Self { get; set; }

    public MemberNo MemberNo { get; } = member.No;

    /// <summary>What the key or the personal token may, by which the caller came; null: as much as his role does.</summary>
    public KeyCapabilities? Granted => Key?.Capabilities ?? SignedIn?.Token?.Scopes;

    /// <summary>As what he acts: by a key or a token that may not administer he is a member like any other.</summary>
    public MemberRole Role => Granted?.HasFlag(KeyCapabilities.Admin) == false ? MemberRole.Member : Member.Role;

    /// <summary>Whether the caller may be shown this topic: he may know of it, and the key that he came by is not for others only.</summary>
    public bool MaySee(Topic topic) => topic.IsKnownTo(MemberNo) && Key?.Admits(topic.No) != false;

    /// <summary>The members whom the caller may be shown: of a key that is limited to topics those in them, and himself. Null: everybody.</summary>
    public HashSet<MemberNo>? FindShownMembers() => Key?.Topics is not { } topics ? null :
    [
        MemberNo,
        .. topics.Select(Workspace.Topics.Find).OfType<Topic>().Where(MaySee).SelectMany(topic => topic.Seats.Seats).Select(seat => seat.Owner),
    ];

    /// <summary>The peer that a request is about: one of this connection's sessions if it names one, else the connection's own.</summary>
    public RosterPeer? Acting(SessionId? session) =>
        session is { } id ? Connection?.FindSession(id)?.Peer : Self;
}
