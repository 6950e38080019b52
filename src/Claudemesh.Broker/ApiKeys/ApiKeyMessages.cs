using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

internal static class ApiKeyMessages
{
    public static MessageRoutes MapApiKeys(this MessageRoutes routes) => routes
        .Handle<ApiKeyCreateHandler, ApiKeyCreate, ApiKeyCreated>(Operation.MakeOwnKeys)
        .Handle<ApiKeyListHandler, ApiKeyList, ApiKeyListResult>(Operation.ManageOwnKeys)
        .Handle<ApiKeyRevokeHandler, ApiKeyRevoke, ApiKeyRevoked>(Operation.ManageOwnKeys)
        .Handle<ApiKeyRotateHandler, ApiKeyRotate, ApiKeyRotated>(Operation.MakeOwnKeys);
}
