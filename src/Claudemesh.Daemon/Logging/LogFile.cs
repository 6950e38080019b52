using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Claudemesh.Daemon.Logging;

/// <summary>
/// <c>daemon.log</c>: one JSON object per line, mode 0600. At <see cref="FileBytesMax"/> it becomes <c>daemon.log.1</c>, that one <c>.2</c>, and what was
/// <c>.2</c> is gone: three files in all. A disk that takes no writes costs lines and nothing else; how many is the first line after it.
/// </summary>
internal sealed class LogFile : IDisposable
{
    public const long FileBytesMax = 5 * 1024 * 1024;
    private const int OldFiles = 2;

    private readonly string path;
    private readonly long bytesMax;
    private readonly Lock gate = new();
    private readonly ArrayBufferWriter<byte> line = new(512);
    private FileStream? file;
    private bool closed;
    private long lost;

    public LogFile(string path, long bytesMax = FileBytesMax)
    {
        this.path = path;
        this.bytesMax = bytesMax;
        file = Open();
    }

    public void Write(DateTimeOffset at, string level, string category, string message, Exception? error)
    {
        lock (gate)
        {
            if (closed)
                return;

            try
            {
                if (lost > 0)
                    Append(at, "warn", nameof(LogFile), $"{lost} lines are missing here: the disk took no writes", null);
                lost = 0;
                Append(at, level, category, message, error);
            }
            catch (Exception unwritten) when (unwritten is IOException or UnauthorizedAccessException)
            {
                lost++;
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            file?.Dispose();
            file = null;
        }
    }

    private void Append(DateTimeOffset at, string level, string category, string message, Exception? error)
    {
        line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("ts", at.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("level", level);
            json.WriteString("source", category);
            json.WriteString("message", message);
            if (error is not null)
            {
                json.WriteString("error", error.GetType().Name);
                json.WriteString("stack", error.ToString());
            }

            json.WriteEndObject();
        }

        line.Write("\n"u8);
        if (file is { Length: > 0 } grown && grown.Length + line.WrittenCount > bytesMax)
            Rotate();
        file ??= Open();
        file.Write(line.WrittenSpan);
    }

    private void Rotate()
    {
        file!.Dispose();
        file = null;
        for (int i = OldFiles; i >= 1; i--)
        {
            string newer = i == 1 ? path : $"{path}.{i - 1}";
            if (File.Exists(newer))
                File.Move(newer, $"{path}.{i}", overwrite: true);
        }
    }

    private FileStream Open() => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        // A line that could not be written must not wait in memory for the next one, nor fail the closing.
        BufferSize = 0,
        Share = FileShare.ReadWrite | FileShare.Delete,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
