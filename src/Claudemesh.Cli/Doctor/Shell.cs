namespace Claudemesh.Cli.Doctor;

/// <summary>Words of a command that a person copies.</summary>
internal static class Shell
{
    /// <summary>As it is where no shell would change it, else between single quotes.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || "/._-+:@%".Contains(character, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
