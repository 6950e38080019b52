namespace Claudemesh.Daemon;

/// <summary>
/// One daemon per folder: a lock that the operating system holds for the open file and lets go when the process ends, however it ends.
/// The file itself stays and says nothing.
/// </summary>
internal sealed class InstanceLock : IDisposable
{
    private readonly FileStream file;

    private InstanceLock(FileStream file) => this.file = file;

    /// <returns>Null when another process has it.</returns>
    public static InstanceLock? TryTake(string path)
    {
        try
        {
            return new InstanceLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (IOException error) when (error.GetType() == typeof(IOException))
        {
            // Only the lock itself gives the plain exception; a missing folder and the like have types of their own.
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}
