using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Dashboard;

/// <summary>
/// What a browser must not let happen to the page, which holds its person's keys: it runs and fetches nothing but the broker's own files, is framed by
/// nobody, shares no window with another origin, and tells nobody where it was.
/// </summary>
internal static class PageHeaders
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
        + "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Features = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        + "publickey-credentials-create=(self), publickey-credentials-get=(self), clipboard-write=(self)";

    private const string Year = "max-age=31536000";

    /// <param name="secured">Whether people reach the page over https, also where a proxy ends it.</param>
    public static void Put(HttpResponse response, bool secured)
    {
        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Permissions-Policy"] = Features;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        if (secured)
            headers.StrictTransportSecurity = Year;
    }
}
