using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Invites;

/// <summary>What a browser shows for an invite link: how to use it. The token is only echoed when it can be nothing else.</summary>
internal static class JoinPage
{
    /// <summary>
    /// For <c>/i/{id}</c>. What follows <c>#</c> in the link is its secret, which no browser sends: so the page cannot repeat it, and says so.
    /// </summary>
    public static Task ShowLogInviteAsync(HttpContext context)
    {
        string id = context.Request.RouteValues["id"] as string ?? "";
        if (!WireId.IsValid(id))
            return RefuseAsync(context);

        string link = $"{context.Request.Scheme}://{context.Request.Host}/i/{id}";
        return SayAsync(
            context,
            $"""
            You are invited to a claudemesh workspace. In a terminal, with the whole link in quotes, as your browser shows it in its address bar:

              claudemesh join "{link}#..."

            What follows the # is a secret that your browser has not sent here. With it you can read and write at once. If your link has none, leave
            "#..." out: an admin of the workspace lets you in then.

            """);
    }

    public static Task ShowAsync(HttpContext context)
    {
        string token = context.Request.RouteValues["token"] as string ?? "";
        bool valid = token.Length is > 20 and <= 4096 && token.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
        if (!valid)
            return RefuseAsync(context);

        string link = $"{context.Request.Scheme}://{context.Request.Host}/join/{token}";
        return SayAsync(context, $"You are invited to a claudemesh workspace. In a terminal:\n\n  claudemesh join {link}\n");
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("This is no invite link. Ask for a new one.\n", context.RequestAborted);
    }

    private static Task SayAsync(HttpContext context, string text)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
