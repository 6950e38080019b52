using System.Globalization;
using System.Text;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Oidc;

/// <summary>Names for an account that is made for somebody whom a provider vouches for: what the provider calls him, as far as it is a name here.</summary>
internal static class OidcNames
{
    private const int NumberedMax = 9;
    private const string Usual = "member";

    /// <summary>Usernames to try, the best first. The last is nobody's.</summary>
    public static IEnumerable<Username> UsernamesFor(OidcPerson person)
    {
        string stem = Stem(person.Username) ?? Stem(person.Email?.Split('@')[0]) ?? Stem(person.DisplayName) ?? Usual;
        yield return Username.Parse(stem);
        for (int number = 2; number <= NumberedMax; number++)
            yield return Username.Parse(string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}"));
        yield return Username.Parse($"{stem}-{RandomBytes.NextId()[..6]}");
    }

    public static DisplayName DisplayNameFor(OidcPerson person, Username username) =>
        DisplayName.TryParse(person.DisplayName?.Trim(), out DisplayName name) ? name : DisplayName.Parse(username.Value);

    /// <summary>Leaves room for what makes it another's.</summary>
    private static string? Stem(string? said)
    {
        StringBuilder stem = new();
        foreach (char letter in said ?? "")
        {
            if (stem.Length == Username.CharsMax - 8)
                break;
            if (char.IsAsciiLetterOrDigit(letter))
                stem.Append(letter);
            else if (stem.Length > 0 && stem[^1] != '-')
                stem.Append('-');
        }

        string text = stem.ToString().Trim('-');
        return text.Length >= Username.CharsMin ? text : null;
    }
}
