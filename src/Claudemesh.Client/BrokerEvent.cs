using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>What a connection tells unasked, in the order it came. One of the nested records.</summary>
public abstract record BrokerEvent
{
    private BrokerEvent()
    {
    }

    /// <summary>A new connection is there. Pushes after this one are of it: their chain of positions begins anew.</summary>
    public sealed record Connected(MemberWelcome Welcome) : BrokerEvent;

    /// <summary>A message, or an event dressed as one. It comes again until it is acknowledged with a <see cref="ClientAck"/>.</summary>
    public sealed record Pushed(Push Push) : BrokerEvent;

    public sealed record Receipted(Receipt Receipt) : BrokerEvent;

    /// <summary>Events were dropped: list peers and states afresh.</summary>
    public sealed record ResyncNeeded(string Reason) : BrokerEvent;

    /// <summary>The log of a scope has a new head: read on.</summary>
    public sealed record HeadMoved(LogHeadMoved Moved) : BrokerEvent;

    /// <summary>Members without a copy of a scope's root ask for one.</summary>
    public sealed record CopiesAsked(CopiesWanted Wanted) : BrokerEvent;

    /// <summary>This member's copy of a scope's root, which was missing, is there now.</summary>
    public sealed record CopyGiven(CopiesGiven Given) : BrokerEvent;

    /// <summary>The workspace has another name, or was archived or brought back.</summary>
    public sealed record WorkspaceTold(WorkspaceChanged Change) : BrokerEvent;

    /// <summary>A topic is new, changed, or no longer for this member.</summary>
    public sealed record TopicTold(TopicChanged Change) : BrokerEvent;

    /// <summary>A shared object has changed; told to clients with the feature <c>objects</c>.</summary>
    public sealed record ObjectTold(ObjectChanged Changed) : BrokerEvent;

    /// <summary>Something of the account that this member belongs to has changed.</summary>
    public sealed record AccountTold(AccountChanged Changed) : BrokerEvent;

    /// <summary>The broker refused something that has no reply, a notice for instance.</summary>
    public sealed record Refused(ErrorReply Refusal) : BrokerEvent;

    /// <summary>A registered session was not opened again after a reconnect, and is not registered any more.</summary>
    public sealed record SessionLost(SessionId SessionId, ErrorReply Refusal) : BrokerEvent;

    /// <summary>An event of a known type that does not keep its form. It was skipped.</summary>
    public sealed record Unreadable(string Type, string Reason) : BrokerEvent;
}
