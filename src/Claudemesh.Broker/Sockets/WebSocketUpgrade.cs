using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Sockets;

/// <summary>The opening handshake of RFC 6455 4.2. No subprotocol and no extension is ever agreed on.</summary>
internal static class WebSocketUpgrade
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Checks the request and switches protocols; null, with the response already set, when it is no such request.</summary>
    public static async Task<Stream?> AcceptAsync(HttpContext context)
    {
        IHttpUpgradeFeature? upgrade = context.Features.Get<IHttpUpgradeFeature>();
        IHeaderDictionary headers = context.Request.Headers;
        string key = headers.SecWebSocketKey.ToString();

        if (upgrade is not { IsUpgradableRequest: true }
            || !HttpMethods.IsGet(context.Request.Method)
            || !headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase)
            || !IsNonce(key))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "This address speaks WebSocket: connect with a WebSocket client.");
            return null;
        }

        if (!string.Equals(headers.SecWebSocketVersion, "13", StringComparison.Ordinal))
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "WebSocket version 13 is the one spoken here.");
            return null;
        }

        context.Response.Headers[HeaderNames.Upgrade] = "websocket";
        context.Response.Headers.SecWebSocketAccept = Accept(key);
        return await upgrade.UpgradeAsync();
    }

    private static bool IsNonce(string key)
    {
        Span<byte> nonce = stackalloc byte[24];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out int length) && length == 16;
    }

    // RFC 6455 names SHA-1 here; it proves that the server read the request and protects nothing.
#pragma warning disable CA5350
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350

    private static Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }
}
