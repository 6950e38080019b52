using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Documents;

/// <summary>What the REST routes are, for programs (<c>/openapi.json</c>) and for people (<c>/docs</c>). Both are made when the product is, not when they are asked for.</summary>
internal static class DocumentEndpoints
{
    /// <summary>The page has a style of the broker's own, and nothing else: no script, no picture, no form, no frame around it.</summary>
    private const string PagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapDocuments(this WebApplication app)
    {
        FixedAnswer document = FixedAnswer.Load("openapi.json", "application/json; charset=utf-8");
        FixedAnswer page = FixedAnswer.Load("docs.html", "text/html; charset=utf-8");
        FixedAnswer style = FixedAnswer.Load("docs.css", "text/css; charset=utf-8");
        Map(app, "/openapi.json", context =>
        {
            // It tells nothing that is not public: any page may read it.
            context.Response.Headers.AccessControlAllowOrigin = "*";
            return document.AnswerAsync(context);
        });
        Map(app, "/docs", context =>
        {
            context.Response.Headers.ContentSecurityPolicy = PagePolicy;
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            return page.AnswerAsync(context);
        });
        Map(app, "/docs/docs.css", style.AnswerAsync);
    }

    private static void Map(WebApplication app, string path, RequestDelegate answer) => app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);
}
