namespace Claudemesh.Broker.Accounts.Oidc;

/// <summary>Who vouches for people beside the broker itself, as the operator says. It does not print its secret.</summary>
public sealed class OidcProvider
{
    private OidcProvider(Uri issuer, string clientId, string? clientSecret, string name) =>
        (Issuer, ClientId, ClientSecret, Name) = (issuer, clientId, clientSecret, name);

    public Uri Issuer { get; }

    public string ClientId { get; }

    /// <summary>How the button is called.</summary>
    public string Name { get; }

    /// <summary>Null: a public client, which PKCE alone protects.</summary>
    internal string? ClientSecret { get; }

    /// <exception cref="FormatException">What is wrong with it, for the operator.</exception>
    public static OidcProvider Parse(string issuer, string? clientId, string? clientSecret, string? name)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out Uri? parsed) || !IsSafe(parsed) || parsed.Query.Length > 0 || parsed.Fragment.Length > 0)
            throw new FormatException("CLAUDEMESH_OIDC_ISSUER must be the https address of an OpenID provider, as its discovery document says it.");
        if (string.IsNullOrWhiteSpace(clientId))
            throw new FormatException("CLAUDEMESH_OIDC_CLIENT_ID must be set when CLAUDEMESH_OIDC_ISSUER is.");

        return new OidcProvider(parsed, clientId, string.IsNullOrEmpty(clientSecret) ? null : clientSecret, string.IsNullOrWhiteSpace(name) ? parsed.Host : name);
    }

    /// <summary>What is asked of it goes over TLS, or stays on this machine.</summary>
    internal static bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    public override string ToString() => Issuer.ToString();
}
