using System.Net;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Invites;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Dashboard;

/// <summary>The page and its files. Every place in the page is the same document: its script looks at the address.</summary>
internal static class PageEndpoints
{
    private static readonly string[] Places = ["/", "/setup", "/sign-up", "/sign-in", "/device", "/account"];
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapPage(this WebApplication app, PublicAddress address)
    {
        PageFiles files = new();
        Task ShowAsync(HttpContext context)
        {
            if (Elsewhere(context.Request, address.Url) is { } elsewhere)
            {
                context.Response.Redirect(elsewhere.AbsoluteUri);
                return Task.CompletedTask;
            }

            PageHeaders.Put(context.Response, context.Request.IsHttps || address.IsSecure);
            return files.Document.AnswerAsync(context);
        }

        foreach (string place in Places)
            app.MapMethods(place, Reading, ShowAsync);
        app.MapMethods("/i/{id}", Reading, context => ShowInviteAsync(context, ShowAsync));
        app.MapMethods("/" + PageFiles.Assets + "{name}", Reading, context =>
        {
            PageHeaders.Put(context.Response, context.Request.IsHttps || address.IsSecure);
            if (context.Request.RouteValues["name"] is string name && files.FindAsset(name) is { } asset)
                return asset.AnswerAsync(context);

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.Headers.CacheControl = "no-store";
            return context.Response.WriteAsync("This broker has no such file: it may have been brought up to date. Load the page again.\n", context.RequestAborted);
        });
    }

    /// <summary>Who asks without a browser, or with a link that is none, reads a few lines in place of the page.</summary>
    private static Task ShowInviteAsync(HttpContext context, RequestDelegate show)
    {
        context.Response.Headers.Append("Vary", "Accept");
        bool asksForPage = context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        return asksForPage && WireId.IsValid(context.Request.RouteValues["id"] as string ?? "") ? show(context) : JoinPage.ShowLogInviteAsync(context);
    }

    /// <summary>
    /// Where a page that was asked for at a loopback address is to be read instead: passkeys and cookies belong to one host, and a passkey to none that is
    /// a number. A browser keeps the fragment. Null: here. What came over a proxy or a network is never sent elsewhere, so no setting can make a loop.
    /// </summary>
    private static Uri? Elsewhere(HttpRequest request, Uri publicUrl)
    {
        if (!IsLoopback(request.Host.Host) || string.Equals(request.Host.Host, publicUrl.Host, StringComparison.OrdinalIgnoreCase))
            return null;

        return new UriBuilder(publicUrl) { Path = request.Path.ToUriComponent(), Query = request.QueryString.ToUriComponent() }.Uri;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
