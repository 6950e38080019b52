using System.Text.Json.Nodes;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

/// <summary>Something that was done, to be told in the chain: never a secret, never the text of a message.</summary>
/// <param name="Type">One of <see cref="AuditTypes"/>.</param>
/// <param name="Facts">What exactly; ids, names, keys that are public, numbers.</param>
internal sealed record AuditEvent(string Type, AuditActor By, JsonObject Facts);

/// <summary>Who did it, and what he showed for it.</summary>
/// <param name="Member">Null: no member did it.</param>
/// <param name="Via">A door or a reason: <c>socket</c>, <c>api_key</c>, <c>session</c>, <c>personal_token</c>, <c>invite</c>, <c>restored</c>, <c>broker</c>.</param>
/// <param name="Credential">The id of the key, token or session; null for a socket, whose credential is the member's key.</param>
internal sealed record AuditActor(MemberId? Member, string Via, string? Credential = null)
{
    /// <summary>Nobody's doing: the broker, or whoever runs it.</summary>
    public static AuditActor Broker { get; } = new(null, "broker");

    public static AuditActor Of(Caller caller) => caller switch
    {
        { Key: { } key } => new AuditActor(caller.Member.Id, "api_key", key.Id),
        { SignedIn: { } account } => new AuditActor(caller.Member.Id, account.Session is null ? "personal_token" : "session", account.RateId),
        _ => new AuditActor(caller.Member.Id, "socket"),
    };

    public static AuditActor Joiner(MemberId member) => new(member, "invite");
}
