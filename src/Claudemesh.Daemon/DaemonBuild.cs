using System.Reflection;

namespace Claudemesh.Daemon;

internal static class DaemonBuild
{
    /// <summary>As in <c>2.0.0</c>.</summary>
    public static string Version { get; } =
        typeof(DaemonBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
