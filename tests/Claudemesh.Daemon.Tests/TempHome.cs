using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests;

/// <summary>A folder of its own for one daemon, gone at the end.</summary>
internal sealed class TempHome : IDisposable
{
    public DaemonHome Home { get; } = new(Directory.CreateTempSubdirectory("cm-").FullName);

    public string Folder => Home.Folder;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
