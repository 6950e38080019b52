namespace Claudemesh.Broker.Storage;

/// <summary>
/// The folder of an embedded database: its owner's only, and one broker's at a time. Two would each believe their own memory of what the other has
/// changed. The operating system holds the lock for the open file and lets go when the process ends, however it ends.
/// </summary>
internal sealed class HeldDataFolder : IDisposable
{
    private readonly FileStream held;

    private HeldDataFolder(FileStream held) => this.held = held;

    /// <exception cref="DatabaseOpenException">Another broker has it, or it cannot be made.</exception>
    public static HeldDataFolder Take(string folder)
    {
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (OperatingSystem.IsWindows())
            {
                System.IO.Directory.CreateDirectory(folder);
            }
            else
            {
                System.IO.Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new HeldDataFolder(new FileStream(Path.Combine(folder, "broker.lock"), options));
        }
        catch (IOException locked) when (locked.HResult == FileLocked)
        {
            throw new DatabaseOpenException(DatabaseFault.InUse, $"Another broker uses the data folder {folder}. Stop that one, or give this one a folder of its own with --data.", locked);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw SqliteFailure.WhyNotOpened(folder, failure);
        }
    }

    public void Dispose() => held.Dispose();

    /// <summary>EWOULDBLOCK, or what Windows calls a sharing violation.</summary>
    private static int FileLocked => OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11;
}
