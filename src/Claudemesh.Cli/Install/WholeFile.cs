namespace Claudemesh.Cli.Install;

/// <summary>Files that are there whole, with the old or with the new content, whatever happens in between.</summary>
internal static class WholeFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <param name="mode">Of a file that is not there yet; one that is keeps its own.</param>
    public static void Write(string path, byte[] content, UnixFileMode mode)
    {
        // Who keeps his configuration elsewhere has a link here; it stays one.
        string target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        string next = target + ".new";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = File.Exists(target) ? File.GetUnixFileMode(target) : mode,
        }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, target, overwrite: true);
    }
}
