using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Oidc;
using Claudemesh.Protocol;

namespace Claudemesh.Broker;

/// <summary>What the operator says of accounts: by flags, and by variables where it is secret.</summary>
internal static class AccountSettings
{
    /// <exception cref="FormatException">What is wrong, and how it is written.</exception>
    public static BrokerSettings Read(BrokerSettings settings, string? publicUrl, string signUp) => settings with
    {
        PublicUrl = ReadPublicUrl(publicUrl),
        SignUp = signUp switch
        {
            "invite" => SignUpRule.Invite,
            "open" => SignUpRule.Open,
            "closed" => SignUpRule.Closed,
            _ => throw new FormatException($"--sign-up is invite, open or closed, not \"{signUp}\""),
        },
        Mail = Variable("CLAUDEMESH_SMTP") is { } server ? MailServer.Parse(server, Variable("CLAUDEMESH_MAIL_FROM")) : null,
        Oidc = Variable("CLAUDEMESH_OIDC_ISSUER") is { } issuer
            ? OidcProvider.Parse(issuer, Variable("CLAUDEMESH_OIDC_CLIENT_ID"), Variable("CLAUDEMESH_OIDC_CLIENT_SECRET"), Variable("CLAUDEMESH_OIDC_NAME"))
            : null,
    };

    private static Uri? ReadPublicUrl(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.PathAndQuery == "/" && url.Fragment.Length == 0)
            return url;

        throw new FormatException($"--public-url is an address without a path, such as https://mesh.example.org, not \"{text}\"");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
