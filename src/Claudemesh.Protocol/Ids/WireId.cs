using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Claudemesh.Protocol;

/// <summary>
/// The one form of every id that peers choose or see: <c>^[0-9A-Za-z_-]{1,64}$</c>. A broker chooses some of them and an id is part of
/// labels, so no key is derived and nothing is signed for an id of another form (keys.md 2).
/// </summary>
public static class WireId
{
    public const int CharsMax = 64;
    public const string Rule = "1 to 64 letters, digits, - or _";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");

    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= CharsMax } && !text.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>The narrower form of the ids that we make: 32 letters and digits.</summary>
    public static bool IsMadeByUs(string text) => text.Length == 32 && text.All(char.IsAsciiLetterOrDigit);

    public static bool IsValid(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= CharsMax && !text.ContainsAnyExcept(Allowed);

    /// <exception cref="ArgumentException">The id has another form.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<char> id, string name)
    {
        if (!IsValid(id))
            throw new ArgumentException($"An id is {Rule}.", name);
    }
}
