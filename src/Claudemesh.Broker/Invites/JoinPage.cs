using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Invites;

/// <summary>What a browser shows for an invite link: how to use it. The token is only echoed when it can be nothing else.</summary>
internal static class JoinPage
{
    public static Task ShowAsync(HttpContext context)
    {
        string token = context.Request.RouteValues["token"] as string ?? "";
        bool valid = token.Length is > 20 and <= 4096 && token.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
        if (!valid)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsync("This is no invite link. Ask for a new one.\n", context.RequestAborted);
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/plain; charset=utf-8";
        string link = $"{context.Request.Scheme}://{context.Request.Host}/join/{token}";
        return context.Response.WriteAsync($"You are invited to a claudemesh workspace. In a terminal:\n\n  claudemesh join {link}\n", context.RequestAborted);
    }
}
