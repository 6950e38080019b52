using System.Text;

namespace Claudemesh.Local;

/// <summary>
/// Where a daemon and its clients find each other: one folder per user, <c>CLAUDEMESH_HOME</c> or <c>~/.claudemesh</c>.
/// The folder has mode 0700 and every file in it 0600. The <c>XDG_*</c> variables do not move it: a service manager and a shell often have different
/// ones, and a verb would then look for its daemon where it is not.
/// </summary>
public sealed class DaemonHome
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string Variable = "CLAUDEMESH_HOME";

    /// <summary>The longest path of a unix socket in UTF-8 bytes: <c>sun_path</c> less its closing zero.</summary>
    public static int SocketPathBytesMax => OperatingSystem.IsMacOS() ? 103 : 107;

    /// <param name="doors">Where the sockets are; null: in the folder itself.</param>
    public DaemonHome(string folder, string? doors = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Folder = Path.GetFullPath(folder);
        DoorsFolder = doors is null ? Folder : Path.GetFullPath(doors);
    }

    /// <summary>The folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>The folder of the sockets: another one for a daemon that lives for one call only, and is nobody else's to find.</summary>
    public string DoorsFolder { get; }

    /// <summary>The daemon's door to all workspaces.</summary>
    public string Socket => Path.Combine(DoorsFolder, "daemon.sock");

    /// <summary>The folder of the doors to a single workspace each.</summary>
    public string SocketsFolder => Path.Combine(DoorsFolder, "sockets");

    /// <summary>The daemon's log: JSON lines, rotated to <c>daemon.log.1</c> and on.</summary>
    public string LogFile => Path.Combine(Folder, "daemon.log");

    /// <summary>Identities, outbox and inbox.</summary>
    public string Database => Path.Combine(Folder, "daemon.db");

    /// <summary>Locked by the operating system for as long as a daemon lives. It may exist without a daemon.</summary>
    public string LockFile => Path.Combine(Folder, "daemon.lock");

    /// <summary>The door to one workspace: what is mounted into a container.</summary>
    public string WorkspaceSocket(string slug) => Path.Combine(SocketsFolder, slug + ".sock");

    /// <summary>The folder given, else the one of the environment, else <c>~/.claudemesh</c>.</summary>
    public static DaemonHome Find(string? folder = null)
    {
        if (string.IsNullOrWhiteSpace(folder))
            folder = Environment.GetEnvironmentVariable(Variable);

        if (!string.IsNullOrWhiteSpace(folder))
            return new DaemonHome(folder);

        string user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return new DaemonHome(Path.Combine(user, ".claudemesh"));
    }

    /// <summary>Whether the operating system can listen at <paramref name="path"/>; if not, a refusal that says what to do.</summary>
    public static LocalProblem? CheckSocketPath(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        return length <= SocketPathBytesMax
            ? null
            : LocalProblem.Of(
                LocalErrors.SocketPathTooLong,
                $"The socket path {path} has {length} bytes; the operating system allows {SocketPathBytesMax}. Set {Variable} to a shorter folder.",
                500,
                ExitCode.Io);
    }
}
