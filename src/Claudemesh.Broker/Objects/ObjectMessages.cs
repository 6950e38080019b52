using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Objects;

internal static class ObjectMessages
{
    public static MessageRoutes MapObjects(this MessageRoutes routes) => routes
        .Handle<ObjectPutHandler, ObjectPut, ObjectStored>(Operation.WriteObjects)
        .Handle<ObjectGetHandler, ObjectGet, ObjectResult>(Operation.ReadObjects)
        .Handle<ObjectListHandler, ObjectList, ObjectPage>(Operation.ReadObjects);
}
