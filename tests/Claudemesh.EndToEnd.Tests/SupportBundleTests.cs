using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>What a person gives away with a bundle.</summary>
public sealed class SupportBundleTests
{
    private const string Canary = "canary-2c9e41d7-the-schema-changed";

    [Fact]
    public async Task No_text_key_or_invite_of_a_workspace_is_in_it_in_any_form()
    {
        await using Scene scene = await Scene.SetAsync();
        string url = (await scene.Alice.DoAsync("invite")).GetProperty("url").GetString()!;
        await scene.Alice.DoAsync("send", "bob", Canary, "--wait", "delivered");
        await scene.Bob.DoAsync("send", "alice", Canary, "--wait", "delivered");
        string file = Path.Combine(scene.Alice.Folder, "bundle.tar.gz");

        Ended ended = await scene.Alice.TryAsync("support-bundle", "--out", file);

        Assert.True(ended.Code == 0, ended.Error);
        byte[] bundle = await ReadAsync(file);
        Assert.NotEqual(-1, bundle.AsSpan().IndexOf("\"check\":\"broker\""u8));
        Assert.NotEqual(-1, bundle.AsSpan().IndexOf("acme: connected"u8));
        string token = url[^22..];
        byte[] database =
        [
            .. await File.ReadAllBytesAsync(Path.Combine(scene.Alice.Folder, "daemon.db")),
            .. await File.ReadAllBytesAsync(Path.Combine(scene.Alice.Folder, "daemon.db-wal")),
        ];
        byte[][] secrets = [Encoding.UTF8.GetBytes(Canary), Encoding.UTF8.GetBytes(token), .. Seeds(database, await MeshIdAsync(scene.Alice))];
        Assert.True(secrets.Length > 2, "The seed was not found in the database.");
        foreach (byte[] form in secrets.SelectMany(Forms))
            Assert.Equal(-1, bundle.AsSpan().IndexOf(form));
    }

    private static async Task<string> MeshIdAsync(Person person) =>
        (await person.DoAsync("list")).GetProperty("workspaces")[0].GetProperty("mesh_id").GetString()!;

    /// <summary>The 32 bytes after the workspace's id in its row of <c>member_seed</c>; wherever the id stands, so that none is missed.</summary>
    private static IEnumerable<byte[]> Seeds(byte[] database, string meshId)
    {
        byte[] id = Encoding.UTF8.GetBytes(meshId);
        for (int at = database.AsSpan().IndexOf(id); at >= 0;)
        {
            int after = at + id.Length;
            if (after + 32 <= database.Length)
                yield return database[after..(after + 32)];

            int next = database.AsSpan(after).IndexOf(id);
            at = next < 0 ? -1 : after + next;
        }
    }

    private static IEnumerable<byte[]> Forms(byte[] secret) =>
    [
        secret,
        Encoding.ASCII.GetBytes(Convert.ToHexString(secret)),
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret)),
        Encoding.ASCII.GetBytes(Convert.ToBase64String(secret).TrimEnd('=')),
        Encoding.ASCII.GetBytes(System.Buffers.Text.Base64Url.EncodeToString(secret)),
    ];

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var unzipped = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        using var all = new MemoryStream();
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            if (entry.DataStream is { } data)
                await data.CopyToAsync(all);
        }

        return all.ToArray();
    }
}
