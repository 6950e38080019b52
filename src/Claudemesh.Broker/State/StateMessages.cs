using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>What 1.x clients keep in common, in clear. Ours keep theirs sealed: see <see cref="Objects.ObjectMessages"/>.</summary>
internal static class StateMessages
{
    public static MessageRoutes MapState(this MessageRoutes routes) => routes
        .Notice<SetStateHandler, SetState>(Operation.WriteObjects)
        .Handle<GetStateHandler, GetState, StateResult>(Operation.ReadObjects)
        .Handle<ListStateHandler, ListState, StateList>(Operation.ReadObjects)
        .Handle<RememberHandler, Remember, MemoryStored>(Operation.WriteObjects)
        .Handle<RecallHandler, Recall, MemoryResults>(Operation.ReadObjects)
        .Handle<ForgetHandler, Forget, Ack>(Operation.WriteObjects)
        .Handle<ShareContextHandler, ShareContext, ContextShared>(Operation.WriteObjects)
        .Handle<GetContextHandler, GetContext, ContextResults>(Operation.ReadObjects)
        .Handle<ListContextsHandler, ListContexts, ContextList>(Operation.ReadObjects);
}
