using System.Collections.Frozen;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Accounts.OAuth;

/// <summary>Refusals as clients of OAuth read them (RFC 6749, 5.2): of ours that it does not know, the sentence is kept.</summary>
internal static class OAuthRefusals
{
    private static readonly FrozenSet<string> Known = new[]
    {
        MeshError.OAuthInvalidRequest, MeshError.OAuthUnsupportedGrant, MeshError.OAuthInvalidGrant, MeshError.OAuthInvalidClient,
        MeshError.OAuthUnsupportedToken, MeshError.OAuthPending, MeshError.OAuthSlowDown, MeshError.OAuthAccessDenied, MeshError.OAuthExpired,
    }.Select(static error => error.Code).ToFrozenSet(StringComparer.Ordinal);

    public static Task RefuseAsync(HttpContext context, MeshError error)
    {
        context.RequestServices.GetRequiredService<SocketMetrics>().Refused(error);
        return HttpBodies.ReplyAsync(context, error.HttpStatus, new OAuthError(CodeOf(error), error.Message));
    }

    private static string CodeOf(MeshError error) => error switch
    {
        _ when Known.Contains(error.Code) => error.Code,
        { HttpStatus: >= 500 } => "server_error",
        { Retryable: true } => MeshError.OAuthSlowDown.Code,
        _ => MeshError.OAuthInvalidRequest.Code,
    };
}
