namespace Claudemesh.Local;

/// <summary>What the operating system means when it does not take a write, in words that say what to do.</summary>
public static class DiskFault
{
    // errno, as an IOException carries it.
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int QuotaLinux = 122;
    private const int QuotaMacOS = 69;

    /// <summary>Below this a database cannot even begin to write.</summary>
    private const long FreeBytesMin = 64 * 1024;

    public static bool IsFull(IOException error) => IsFull(error.HResult);

    public static bool IsFull(int errorNumber) => errorNumber is NoSpace || errorNumber == (OperatingSystem.IsMacOS() ? QuotaMacOS : QuotaLinux);

    /// <summary>Whether nothing can be written to <paramref name="folder"/> for want of space.</summary>
    public static bool IsFull(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace < FreeBytesMin;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A clause, without a stop.</summary>
    public static string Explain(Exception error) => error switch
    {
        UnauthorizedAccessException => "you may not write there",
        IOException { HResult: ReadOnly } => "the file system is read-only",
        IOException full when IsFull(full) => "the disk is full",
        _ => error.Message.TrimEnd('.'),
    };

    /// <summary>The whole sentence about a disk without room.</summary>
    public static string TellFull(string folder) => $"The disk of {folder} is full, so nothing can be kept. Free some space there (`df -h {folder}`) and try again.";
}
