using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Broker.Storage;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.Sessions;

/// <summary>
/// A browser's tokens lie in cookies that no script reads and no other site sends: <c>HttpOnly; SameSite=Strict</c>. What changes something asks
/// besides for a token in a header that only the broker's own page was told.
/// </summary>
internal sealed class BrowserCookies(PublicAddress address, Database database)
{
    public const string CsrfHeader = "X-CSRF-Token";

    /// <summary>The one path that the refresh token is sent to.</summary>
    public const string RefreshPath = "/api/auth";

    private const string SecretName = "csrf";
    private const int CsrfBytes = 18;

    private byte[]? secret;

    // The prefix makes a browser refuse the cookie from anywhere but this origin, and over anything but TLS.
    private string AccessName => address.IsSecure ? "__Host-cm_access" : "cm_access";

    private string RefreshName => address.IsSecure ? "__Secure-cm_refresh" : "cm_refresh";

    public string? ReadAccess(HttpRequest request) => request.Cookies[AccessName];

    public string? ReadRefresh(HttpRequest request) => request.Cookies[RefreshName];

    public void SetAccess(HttpResponse response, string token, TimeSpan life) => response.Cookies.Append(AccessName, token, Options("/", life));

    public void SetRefresh(HttpResponse response, string token, TimeSpan life) => response.Cookies.Append(RefreshName, token, Options(RefreshPath, life));

    public void Clear(HttpResponse response)
    {
        response.Cookies.Delete(AccessName, Options("/", life: null));
        response.Cookies.Delete(RefreshName, Options(RefreshPath, life: null));
    }

    /// <summary>What the page sends with everything that changes something.</summary>
    public async ValueTask<string> CsrfOfAsync(LoginSession session, CancellationToken cancellationToken)
    {
        secret ??= await database.GetSecretAsync(SecretName, cancellationToken);
        return Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(session.Id)).AsSpan(0, CsrfBytes));
    }

    /// <summary>Whether a request that came with the cookie was made by the broker's own page.</summary>
    public async ValueTask<bool> IsOwnPageAsync(HttpRequest request, LoginSession session, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return true;
        if (!IsOwnOrigin(request))
            return false;

        string expected = await CsrfOfAsync(session, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Headers[CsrfHeader].ToString()), Encoding.ASCII.GetBytes(expected));
    }

    /// <summary>Whether no other page has sent this, as browsers say it: for what is asked before the page has its token.</summary>
    public bool IsOwnOrigin(HttpRequest request) =>
        (request.Headers.Origin.Count == 0 || string.Equals(request.Headers.Origin.ToString(), address.Origin, StringComparison.OrdinalIgnoreCase))
        && (request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none");

    private CookieOptions Options(string path, TimeSpan? life) => new()
    {
        HttpOnly = true, Secure = address.IsSecure, SameSite = SameSiteMode.Strict, Path = path, MaxAge = life, IsEssential = true,
    };
}
