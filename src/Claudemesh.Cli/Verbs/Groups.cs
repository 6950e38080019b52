namespace Claudemesh.Cli.Verbs;

/// <summary>How groups are written.</summary>
internal static class Groups
{
    public static string Words(string name, string? role) => role is null ? "@" + name : $"@{name} ({role})";

    /// <summary>People type the @ that addresses have; the name has none.</summary>
    public static string NameOf(string typed) => typed.StartsWith('@') ? typed[1..] : typed;
}
