using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>
/// Two cookies that sign nobody in. One holds a ceremony to the browser that began it; the other shows that somebody has signed in here before, so that
/// whoever guesses at his password elsewhere keeps him from nothing.
/// </summary>
internal sealed class BrowserMarks(PublicAddress address, Database database)
{
    private const string Path = "/api/auth";
    private const string KnownSecret = "known-browser";
    private const int MarkBytes = 16;

    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(400);

    private byte[]? secret;

    private string CeremonyName => address.IsSecure ? "__Secure-claudemesh_ceremony" : "claudemesh_ceremony";

    private string KnownName => address.IsSecure ? "__Secure-claudemesh_known" : "claudemesh_known";

    /// <summary>What a ceremony of this browser is bound to; given to it now if it has none.</summary>
    public string Bind(HttpContext context)
    {
        if (ReadBinding(context) is { } there)
            return there;

        string made = OneTimeToken.Generate().Reveal();

        // Lax: a provider sends the browser back from another site, and it must still be the one that set out.
        context.Response.Cookies.Append(CeremonyName, made, Options(SameSiteMode.Lax, life: null));
        return made;
    }

    public string? ReadBinding(HttpContext context) =>
        OneTimeToken.TryParse(context.Request.Cookies[CeremonyName], out OneTimeToken token) ? token.Reveal() : null;

    /// <summary>A name for this browser, where the account has signed in on it before; null for any other.</summary>
    public async ValueTask<string?> FindKnownAsync(HttpContext context, Account? account)
    {
        if (account is null || context.Request.Cookies[KnownName] is not { Length: < 100 } cookie || cookie.Split('.') is not [var mark, var proof])
            return null;

        byte[] expected = Encoding.ASCII.GetBytes(await ProveAsync(mark, account, context.RequestAborted));
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(proof)) ? mark : null;
    }

    /// <returns>False where the browser was known before.</returns>
    public async ValueTask<bool> RememberAsync(HttpContext context, Account account)
    {
        if (await FindKnownAsync(context, account) is not null)
            return false;

        string mark = Base64Url.EncodeToString(RandomBytes.Next(MarkBytes));
        string proof = await ProveAsync(mark, account, context.RequestAborted);
        context.Response.Cookies.Append(KnownName, $"{mark}.{proof}", Options(SameSiteMode.Strict, KnownFor));
        return true;
    }

    private async ValueTask<string> ProveAsync(string mark, Account account, CancellationToken cancellationToken)
    {
        secret ??= await database.GetSecretAsync(KnownSecret, cancellationToken);
        return Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{account.Id.Value}.{mark}")));
    }

    private CookieOptions Options(SameSiteMode sameSite, TimeSpan? life) => new()
    {
        HttpOnly = true, Secure = address.IsSecure, SameSite = sameSite, Path = Path, MaxAge = life, IsEssential = true,
    };
}
