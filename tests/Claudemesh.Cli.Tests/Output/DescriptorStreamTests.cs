using Claudemesh.Cli.Output;

namespace Claudemesh.Cli.Tests.Output;

/// <summary>Where standard output is a file, a pipe that nobody reads, or a full disk.</summary>
public sealed class DescriptorStreamTests
{
    [Fact]
    public void Two_that_write_to_one_file_write_one_after_the_other()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            {
                int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
                using var one = new DescriptorStream(descriptor);
                using var other = new DescriptorStream(descriptor);
                one.Write("one\n"u8);
                other.Write("other\n"u8);
            }

            Assert.Equal("one\nother\n", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_full_disk_is_an_error_with_words()
    {
        using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        using var stream = new DescriptorStream((int)full.SafeFileHandle.DangerousGetHandle());

        IOException error = Assert.Throws<IOException>(() => stream.Write("lost"u8));

        Assert.Equal("No space left on device", error.Message);
    }
}
