using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>What a person was given to join with, in any of its forms. One of the nested records.</summary>
internal abstract record InviteForm
{
    private InviteForm()
    {
    }

    /// <summary>
    /// Reads any form: <c>https://host/i/ID#3.SECRET</c>, with or without secret or scheme, or behind <c>claudemesh://</c>; the id alone; of 1.x the long
    /// link or its token.
    /// </summary>
    /// <param name="lastBroker">Where an id alone is looked for.</param>
    /// <returns>Null for anything else.</returns>
    public static InviteForm? Read(string text, string lastBroker)
    {
        text = Unwrap(text.Trim(), lastBroker);
        if (LegacyInviteToken.TryFindInLink(text, out string? token) && LegacyInviteToken.TryParse(token!, out LegacyInviteToken? legacy))
            return new Long(legacy!);
        if (InviteId.TryParse(text, out InviteId id) && text.Length >= IdLengthMin && BrokerAddress.TryParse(lastBroker, out BrokerAddress? last))
            return new Short(last!, id, Secret: null);

        string link = text.Contains("://", StringComparison.Ordinal) ? text : GuessScheme(text) + text;
        return InviteLink.TryParse(link, out InviteLink? parsed) && BrokerAddress.TryParse(parsed!.Broker, out BrokerAddress? broker)
            ? new Short(broker!, InviteId.Parse(parsed.InviteId), parsed.Secret)
            : null;
    }

    /// <summary>A link of the scheme that 1.x and a page that opens programs write: what stands behind it is a link of any other form.</summary>
    private static string Unwrap(string text, string lastBroker)
    {
        const string Scheme = "claudemesh://";
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return text;

        string rest = text[Scheme.Length..];
        return rest.StartsWith("join/", StringComparison.Ordinal) ? "ic://" + rest
            : rest.StartsWith("i/", StringComparison.Ordinal) ? $"{lastBroker.TrimEnd('/')}/{rest}"
            : rest;
    }

    // A shorter word is a slip of the keyboard, not an invite.
    private const int IdLengthMin = 16;

    /// <summary>A broker on this machine is spoken to in the clear, every other one is not.</summary>
    private static string GuessScheme(string text) =>
        text.StartsWith("localhost", StringComparison.OrdinalIgnoreCase) || text.StartsWith("127.", StringComparison.Ordinal) || text.StartsWith("[::1]", StringComparison.Ordinal)
            ? "http://"
            : "https://";

    /// <summary>Of 1.x: signed by the owner, without a key.</summary>
    public sealed record Long(LegacyInviteToken Token) : InviteForm;

    /// <param name="Secret">Null where it was left out: its joiner waits to be admitted. Disposed by whoever reads the form.</param>
    public sealed record Short(BrokerAddress Broker, InviteId Id, InviteSecret? Secret) : InviteForm;
}
