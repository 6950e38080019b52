// keys.md 8: https://host/i/<invite_id>#3.<base64url(secret)>

using System.Diagnostics;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

/// <summary>
/// The link of an invite. With its secret it is the key itself; without (mail, a stripped fragment) its holder waits to be admitted.
/// Its text form leaves the secret out.
/// </summary>
/// <param name="Broker">Scheme and host, and a port where it is not the usual one: <c>https://host</c>.</param>
/// <param name="Secret">Null when the link came without. Disposed with the link.</param>
[DebuggerDisplay("invite link {InviteId}")]
public sealed record InviteLink(string Broker, string InviteId, InviteSecret? Secret) : IDisposable
{
    public const int CharsMax = 512;

    private const string Path = "/i/";

    /// <summary>False for anything that no broker of ours prints: another scheme or path, a query, a user, a secret of another form.</summary>
    public static bool TryParse(string text, out InviteLink? link)
    {
        link = null;
        if (text.Length > CharsMax
            || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri)
            || uri.Scheme is not ("https" or "http")
            || uri.UserInfo.Length > 0
            || uri.Query.Length > 0
            || !uri.AbsolutePath.StartsWith(Path, StringComparison.Ordinal)
            || !WireId.IsValid(uri.AbsolutePath.AsSpan(Path.Length)))
            return false;

        InviteSecret? secret = null;
        if (uri.Fragment.Length > 1 && !InviteSecret.TryParseFragment(uri.Fragment.AsSpan(1), out secret))
            return false;

        link = new InviteLink(uri.GetLeftPart(UriPartial.Authority), uri.AbsolutePath[Path.Length..], secret);
        return true;
    }

    /// <summary>The whole link, to be shown to its maker once and sent by him. Never logged, never sent to the broker.</summary>
    public string ToTextWithSecret() => Secret is null ? ToString() : $"{this}#{Secret.ToFragment()}";

    public override string ToString() => $"{Broker}{Path}{InviteId}";

    public void Dispose() => Secret?.Dispose();
}
