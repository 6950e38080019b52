using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

internal static class LogMessages
{
    public static MessageRoutes MapLog(this MessageRoutes routes) => routes
        .Handle<LogAppendHandler, LogAppend, LogAppended>(Operation.FollowLog)
        .Handle<LogReadHandler, LogRead, LogPage>(Operation.FollowLog)
        .Handle<CopiesPutHandler, CopiesPut, CopiesStored>(Operation.FollowLog)
        .Handle<CopiesGetHandler, CopiesGet, CopiesResult>(Operation.FollowLog);
}
