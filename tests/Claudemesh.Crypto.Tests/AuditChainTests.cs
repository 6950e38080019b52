using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto.Tests;

/// <summary>The hash chain of what was done, in the form of 1.x (wire reference 8).</summary>
public sealed class AuditChainTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Theory]
    [InlineData("message_sent", "member1", """{"targetSpec":"*","priority":"next"}""", "7f3372c3a870ab5c8a27a60f18558e47f8b8f505f3e8259f2fd92e6847b2da88")]
    [InlineData("x", null, "{}", "271e302c51c848c14909dd90032b4637c1c289b9440791430d293a9552bc734e")]
    public void The_hash_of_an_entry_is_that_of_1x(string type, string? actor, string payload, string hash)
    {
        AuditEntry entry = new(1, type, Parse(payload), hash, At, actor);

        Assert.Equal(hash, AuditChain.Hash(AuditChain.Genesis, "mesh1", entry));
        Assert.True(AuditChain.IsHashOf(entry, AuditChain.Genesis, "mesh1"));
    }

    [Fact]
    [Trait("wire", "7.2 #23")]
    public void A_payload_has_one_hash_however_its_keys_stand_and_however_often_it_was_written_and_read()
    {
        AuditEntry entry = new(1, "x", Parse("""{ "b": null, "a": [1.0, true, "é"], "10": 1, "9": 2 }"""), "", At);
        string hash = AuditChain.Hash(AuditChain.Genesis, "mesh1", entry);
        AuditEntry again = entry with { Payload = Parse(JsonNode.Parse(entry.Payload.GetRawText())!.ToJsonString()) };
        AuditEntry canonical = entry with { Payload = Parse(CanonicalJson.Write(entry.Payload)) };

        Assert.Equal((hash, hash), (AuditChain.Hash(AuditChain.Genesis, "mesh1", again), AuditChain.Hash(AuditChain.Genesis, "mesh1", canonical)));
    }

    [Fact]
    public void A_walk_ends_before_the_first_entry_that_is_not_what_it_was()
    {
        AuditEntry[] chain = Chain(4);

        Assert.Equal((new AuditHead(4, chain[3].Hash), null), AuditChain.Walk("mesh1", AuditChain.Start, chain));
        Assert.Equal((new AuditHead(4, chain[3].Hash), null), AuditChain.Walk("mesh1", new AuditHead(2, chain[1].Hash), chain[2..]));
        Assert.Equal((new AuditHead(2, chain[1].Hash), 3L), AuditChain.Walk("mesh1", AuditChain.Start, [chain[0], chain[1], chain[3]]));
        Assert.Equal((AuditChain.Start, 1L), AuditChain.Walk("mesh1", AuditChain.Start, [chain[1], chain[0]]));
        Assert.Equal((AuditChain.Start, 1L), AuditChain.Walk("mesh2", AuditChain.Start, chain));
        Assert.Equal((new AuditHead(1, chain[0].Hash), 2L), AuditChain.Walk("mesh1", AuditChain.Start, [chain[0], chain[1] with { Actor = "other" }]));
    }

    [Fact]
    public void A_payload_that_is_too_deep_is_none_of_ours()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 70)) + string.Concat(Enumerable.Repeat("]", 70));
        using JsonDocument document = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 100 });

        Assert.False(AuditChain.IsHashOf(new AuditEntry(1, "x", document.RootElement.Clone(), "", At), AuditChain.Genesis, "mesh1"));
    }

    private static AuditEntry[] Chain(int count)
    {
        List<AuditEntry> chain = [];
        for (int i = 1; i <= count; i++)
        {
            AuditEntry entry = new(i, "x", Parse($$"""{"n":{{i}}}"""), "", At, "member1");
            chain.Add(entry with { Hash = AuditChain.Hash(chain.Count == 0 ? AuditChain.Genesis : chain[^1].Hash, "mesh1", entry) });
        }

        return [.. chain];
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
