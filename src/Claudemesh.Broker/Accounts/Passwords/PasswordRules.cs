using System.Buffers;
using System.Text;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passwords;

/// <summary>
/// Which passwords may be set: long ones that are neither among those that breaches are full of nor about the account. There is no rule about kinds of
/// characters: those make passwords that are alike, not good ones.
/// </summary>
internal static class PasswordRules
{
    private const int DistinctMin = 5;
    private const int NameCharsMin = 3;

    private static readonly SearchValues<char> Ends = SearchValues.Create("0123456789!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ ");

    /// <summary>Lower case, a line each. Looked through as it is: a set of them would take a megabyte for what is asked seldom.</summary>
    private static readonly Lazy<string> Common = new(ReadCommon);

    public static MeshError? Refuse(Password password, string username)
    {
        string text = password.Value;
        if (text.EnumerateRunes().Count() < Password.CharsMin)
            return With($"it must have at least {Password.CharsMin} characters");

        string folded = text.ToLowerInvariant();
        if (username.Length >= NameCharsMin && folded.Contains(username.ToLowerInvariant(), StringComparison.Ordinal))
            return With("it must not have your username in it");
        if (folded.Distinct().Count() < DistinctMin)
            return With($"it must have at least {DistinctMin} different characters");
        if (IsCommon(folded) || IsCommon(Core(folded)))
            return With("it is one that many people have");
        if (IsRepeated(folded))
            return With("it must be more than one piece several times");

        return null;
    }

    private static MeshError With(string why) =>
        MeshError.PasswordRefused.With($"The password is invalid: {why}. Take another, such as four or more words.");

    /// <summary>Without what people put around a word to make it another.</summary>
    private static string Core(string text)
    {
        int first = text.AsSpan().IndexOfAnyExcept(Ends);
        return first < 0 ? "" : text[first..(text.AsSpan().LastIndexOfAnyExcept(Ends) + 1)];
    }

    private static bool IsCommon(string text) =>
        text.Length > 0 && !text.Contains('\n', StringComparison.Ordinal) && Common.Value.Contains($"\n{text}\n", StringComparison.Ordinal);

    private static bool IsRepeated(string text)
    {
        for (int length = 1; length <= text.Length / 2; length++)
        {
            if (text.Length % length == 0 && text.AsSpan(length).SequenceEqual(text.AsSpan(0, text.Length - length)))
                return true;
        }

        return false;
    }

    private static string ReadCommon()
    {
        using StreamReader reader = new(typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt")!, Encoding.UTF8);
        return "\n" + reader.ReadToEnd();
    }
}
