using System.Text.Json;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>The logs of the vectors: every type of record to the byte, and what no client may take after it.</summary>
public sealed class LogVectorTests
{
    private static readonly Membership[] MeshStates = [.. Replay("mesh", Membership.Empty(Vectors.Mesh, "mesh"), mesh: null)];

    public static TheoryData<int> RefusedRecords => [.. Enumerable.Range(0, Vectors.Element("log.refused").GetArrayLength())];

    [Theory]
    [InlineData("mesh")]
    [InlineData("topic")]
    public void Every_record_of_the_vectors_is_signed_and_hashed_as_they_say(string log)
    {
        foreach (JsonElement vector in Vectors.Element("log." + log).EnumerateArray())
        {
            LogRecord record = Read(vector);
            using SigningKey author = Author(vector);
            Assert.Equal(vector.GetProperty("type").GetString(), record.Body.Type);
            Assert.Equal(vector.GetProperty("at").GetInt64(), record.Text.At);
            Assert.Equal(vector.GetProperty("hash").GetString(), record.Hash.ToString());
            Assert.Equal(author.Public, record.Author);

            // Read, written and signed again it is the same bytes.
            Assert.Equal(record.Signed.Record, SignedBytes.Of(record.Text with { Body = SignedBytes.Of(record.Body) }));
            Assert.Equal(record.Signed.Signature, author.Sign(record.Signed.Record));
        }
    }

    [Fact]
    public void The_vectors_have_every_type_of_record() => Assert.Equal(
        ["admit", "epoch", "genesis", "invite", "join", "key", "policy", "remove", "role", "uninvite"],
        Vectors.Element("log.mesh").EnumerateArray().Select(vector => vector.GetProperty("type").GetString()!).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void The_log_of_a_workspace_leads_where_the_vectors_say()
    {
        Membership end = MeshStates[^1];
        Assert.Equal(Vectors.Text("genesis.pin"), end.Pin.ToString());
        Assert.Equal(4, end.Epoch);
        Assert.False(end.IsRotationDue());
        Assert.True(end.TakesPlain("topic1"));
        Assert.False(end.TakesPlain("topic2"));
        Assert.Equal(LogRole.Owner, end.Members[Vectors.Key("keys.b_pub")].Role);
        Assert.Equal(new LogMember("member1", LogRole.Admin, MemberKind.Person), end.Members[Vectors.Key("keys.member_pub")]);
        Assert.Equal(new LogMember("member3", LogRole.Admin, MemberKind.Bot), end.Members[Vectors.Key("legacy.a_pub")]);
        Assert.Equal(new LogMember("member4", LogRole.Member, MemberKind.Legacy), end.Members[Vectors.Key("legacy.o_pub")]);
        Assert.Equal(4, end.Members.Count);
        Assert.Equal(Vectors.Text("root.root_id_3"), end.FindRoot(3)!.RootId.ToString());
    }

    [Fact]
    public void The_log_of_a_topic_is_judged_by_that_of_its_workspace()
    {
        Membership end = Replay("topic", Membership.Empty(Vectors.Mesh, "topic/topic2"), MeshStates[^1]).Last();
        Assert.Equal(LogRole.Lead, end.Members[Vectors.Key("keys.b_pub")].Role);
        Assert.Equal(LogRole.Observer, end.Members[Vectors.Key("keys.member_pub")].Role);
        Assert.False(end.IsRotationDue(MeshStates[^1]));

        // Before he joined the workspace its author could not have begun the topic.
        LogRecord genesis = Read(Vectors.Element("log.topic")[0]);
        Assert.Equal(LogRefusal.NotInWorkspace, Membership.Empty(Vectors.Mesh, "topic/topic2").Apply(genesis, MeshStates[4]).Refusal);
        Assert.Throws<ArgumentException>(() => Membership.Empty(Vectors.Mesh, "topic/topic2").Apply(genesis));
    }

    [Theory]
    [MemberData(nameof(RefusedRecords))]
    public void A_record_that_breaks_a_rule_is_refused_for_its_reason(int index)
    {
        JsonElement vector = Vectors.Element("log.refused")[index];
        LogRecord record = Read(vector);
        LogVerdict verdict = MeshStates[vector.GetProperty("after").GetInt32()].Apply(record);
        Assert.Null(verdict.Next);
        Assert.Equal(vector.GetProperty("refusal").GetString(), verdict.Refusal.ToString());
    }

    [Theory]
    [InlineData("mesh")]
    [InlineData("topic")]
    public void No_bit_of_a_record_or_its_signature_may_change(string log)
    {
        foreach (JsonElement vector in Vectors.Element("log." + log).EnumerateArray())
        {
            SignedRecord signed = Read(vector).Signed;
            Assert.All(Vectors.Flipped(signed.Record), bad => AssertUnreadable(signed with { Record = bad }));
            Assert.All(Vectors.Flipped(signed.Signature), bad => AssertUnreadable(signed with { Signature = bad }));
            AssertUnreadable(signed with { Record = [.. signed.Record, 0] });
            AssertUnreadable(signed with { Record = signed.Record[..^1] });
            AssertUnreadable(signed with { Signature = [] });
        }
    }

    private static IEnumerable<Membership> Replay(string log, Membership empty, Membership? mesh)
    {
        yield return empty;
        foreach (JsonElement vector in Vectors.Element("log." + log).EnumerateArray())
        {
            LogVerdict verdict = empty.Apply(Read(vector), mesh);
            Assert.Equal(LogRefusal.None, verdict.Refusal);
            yield return empty = verdict.Next!;
        }
    }

    private static LogRecord Read(JsonElement vector)
    {
        Team.AssertTaken(LogRecord.TryRead(Vectors.Record(vector), out LogRecord? record));
        return record!;
    }

    private static SigningKey Author(JsonElement vector) => vector.GetProperty("author").GetString() switch
    {
        "member" => Vectors.Member().Key,
        "a" => Vectors.A(),
        "b" => Vectors.B(),
        "s" => Vectors.S(),
        _ => Vectors.O(),
    };

    private static void AssertUnreadable(SignedRecord bad) => Assert.NotEqual(LogRefusal.None, LogRecord.TryRead(bad, out _));
}
