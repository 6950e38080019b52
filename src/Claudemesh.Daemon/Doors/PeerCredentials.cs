using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Claudemesh.Daemon.Doors;

/// <summary>Who is at the other end of a unix socket, as the operating system says it.</summary>
internal static partial class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
    private const int CredentialsSize = 12;

    /// <summary>This user, or root: who could read the files anyway, and is what a container's user often looks like from here.</summary>
    public static bool IsAdmitted(Socket socket) => TryReadUser(socket, out uint user) && (user == 0 || user == GetEffectiveUser());

    /// <summary>The process that connected; null where the operating system does not say, as for one in another container.</summary>
    public static int? FindProcess(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return null;

        Span<byte> credentials = stackalloc byte[CredentialsSize];
        return TryRead(socket, credentials) && MemoryMarshal.Read<int>(credentials) is > 0 and var process ? process : null;
    }

    private static bool TryReadUser(Socket socket, out uint user)
    {
        if (!OperatingSystem.IsLinux())
            return GetPeerUser((int)socket.Handle, out user, out _) == 0;

        Span<byte> credentials = stackalloc byte[CredentialsSize];
        bool read = TryRead(socket, credentials);
        user = MemoryMarshal.Read<uint>(credentials[4..]);
        return read;
    }

    private static bool TryRead(Socket socket, Span<byte> credentials) =>
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "getpeereid")]
    private static partial int GetPeerUser(int socket, out uint user, out uint group);
}
