using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto.Tests.Browser;

/// <summary>
/// What the page has in <c>dashboard/src/crypto</c>, run by node: one question a line in, one answer a line out. Bytes are hexadecimal
/// digits there. It takes the packages of the page first, as the build of the page does.
/// </summary>
[CollectionDefinition(nameof(BrowserPeer))]
public sealed class BrowserPeer : IDisposable, ICollectionFixture<BrowserPeer>
{
    private const string Start = """
        set -euo pipefail
        root=$PWD cache=$PWD/.cache
        mkdir -p "$cache"
        source build/say.sh
        source build/sdk.sh
        source build/page.sh
        # A build of the page may take them at the same time.
        exec 7>"$cache/page.lock"
        ! command -v flock >/dev/null || flock 7
        need_page_packages >&2
        exec 7>&-
        cd dashboard
        exec node --import tsx src/crypto/tests/peer.ts
        """;

    /// <summary>Questions are anonymous types: these tests are not compiled ahead of time.</summary>
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private readonly Process process;

    public BrowserPeer()
    {
        ProcessStartInfo start = new("bash")
        {
            WorkingDirectory = Root(), RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Start);
        process = Process.Start(start)!;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    /// <summary>The answer, or null where the other side says no.</summary>
    internal JsonNode? Ask(string ask, object of)
    {
        process.StandardInput.WriteLine(JsonSerializer.Serialize(new { ask, of }, Options));
        process.StandardInput.Flush();
        string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The page's side ended; what it said is on the error output.");
        JsonObject answer = JsonNode.Parse(line)!.AsObject();
        return answer.TryGetPropertyValue("error", out JsonNode? error)
            ? throw new InvalidOperationException($"The page's side says: {error}")
            : answer["answer"];
    }

    internal static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    internal static byte[] Bytes(JsonNode? digits) => Convert.FromHexString(digits!.GetValue<string>());

    internal static object Hex(SignedRecord signed) => new { record = Hex(signed.Record), signature = Hex(signed.Signature) };

    internal static object Hex(SealedMessage message) =>
        new { header = Hex(message.Header), nonce = Hex(message.Nonce), ciphertext = Hex(message.Ciphertext) };

    internal static SignedRecord Record(JsonNode node) => new(Bytes(node["record"]), Bytes(node["signature"]));

    internal static SealedMessage Message(JsonNode node) => new(Bytes(node["header"]), Bytes(node["nonce"]), Bytes(node["ciphertext"]));

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Claudemesh.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return folder.FullName;
    }
}
