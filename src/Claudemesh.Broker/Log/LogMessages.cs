using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

internal static class LogMessages
{
    public static MessageRoutes MapLog(this MessageRoutes routes) => routes
        .Handle<LogAppendHandler, LogAppend, LogAppended>(Operation.AppendLog)
        .Handle<LogReadHandler, LogRead, LogPage>(Operation.ReadLog)
        .Handle<CopiesPutHandler, CopiesPut, CopiesStored>(Operation.AppendLog)
        .Handle<CopiesGetHandler, CopiesGet, CopiesResult>(Operation.ReadLog);
}
