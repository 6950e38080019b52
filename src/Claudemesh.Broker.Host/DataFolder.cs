namespace Claudemesh.Broker;

/// <summary>Where a broker keeps its database unless it is told otherwise: the place for a user's data (XDG base directories).</summary>
internal static class DataFolder
{
    public static string Default()
    {
        string? xdg = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        string root = string.IsNullOrEmpty(xdg)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share")
            : xdg;
        return Path.Combine(root, "claudemesh-broker");
    }
}
