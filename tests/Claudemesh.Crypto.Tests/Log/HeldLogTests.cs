using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>What a client takes from a broker, and what it does about a broker that has lost or changed something.</summary>
public sealed class HeldLogTests : IDisposable
{
    private readonly Team team = new();
    private readonly Person ann;

    public HeldLogTests()
    {
        ann = team.Admit("ann");
        team.Admit("bea", LogRole.Admin);
    }

    private List<SignedRecord> Records => team.Broker.Records;

    public void Dispose() => team.Dispose();

    [Fact]
    public void Pages_may_overlap_and_a_gap_is_asked_for_again()
    {
        HeldLog log = Fresh();
        Assert.Equal(LogReading.Extended, log.Read(Records.Take(2)));
        Assert.Equal(LogReading.Gap, log.Read(Records.Skip(3)));
        Assert.Equal(2, log.State.Head.Seq);
        Assert.Equal(LogReading.Extended, log.Read(Records));
        Assert.Equal(LogReading.Known, log.Read(Records));
        Assert.Equal(team.Broker.State.Head, log.State.Head);
        Assert.Null(log.Fork);
    }

    [Fact]
    public void What_was_kept_is_what_was_read_and_goes_on_from_there()
    {
        HeldLog log = Fresh();
        Assert.Equal(LogReading.Extended, log.Restore(Records.Take(2)));
        Assert.Equal(LogReading.Extended, log.Read(Records));
        Assert.Equal(team.Broker.State.Head, log.State.Head);
    }

    [Fact]
    public void What_was_kept_and_is_no_log_is_a_fork_or_no_record_at_all()
    {
        SignedRecord second = Records[1];
        byte[] other = [.. second.Record];
        other[^1] ^= 1;
        HeldLog skipped = Fresh();
        Assert.Equal(LogReading.Gap, skipped.Restore([Records[0], Records[2]]));
        HeldLog changed = Fresh();
        Assert.Equal(LogReading.Forked, changed.Restore([Records[0], second with { Record = other }, Records[2]]));
        Assert.Throws<FormatException>(() => Fresh().Restore([second with { Record = other[..^1] }]));
    }

    [Fact]
    public void Heads_are_compared_with_a_broker_or_with_another_client()
    {
        team.Pull(ann);
        HeldLog shorter = Fresh();
        shorter.Read(Records.Take(3));
        Assert.Equal(LogDistance.OtherIsBehind, ann.Log.Compare(shorter.State.Head));
        Assert.Equal(LogDistance.OtherIsAhead, shorter.Compare(ann.Log.State.Head));
        Assert.Equal(LogDistance.OtherIsBehind, ann.Log.Compare(default));
        Assert.Equal(LogDistance.Same, ann.Log.Compare(team.Broker.State.Head));

        // A head is a claim: it stops nobody until the record is there.
        Assert.Equal(LogDistance.Differs, ann.Log.Compare(new LogHead(2, new Digest(RandomBytes.Next(32)), 0)));
        Assert.Equal(LogDistance.Differs, ann.Log.Compare(new LogHead(0, new Digest(RandomBytes.Next(32)), 0)));
        Assert.Equal(LogReading.Known, ann.Log.Read(Records));
    }

    [Fact]
    public void A_broker_restored_from_an_old_backup_gets_back_the_records_that_it_lacks()
    {
        team.Pull(ann);
        LogHead newest = team.Broker.State.Head;
        team.Broker.Restore(records: 3);

        // The old state is not believed: whom it has not admitted yet stays a member, and the missing records go back as they are.
        Assert.Equal(LogReading.Known, ann.Log.Read(Records));
        Assert.Equal(LogDistance.OtherIsBehind, ann.Log.Compare(team.Broker.State.Head));
        Team.AssertTaken(team.Broker.Append([.. ann.Log.After(team.Broker.State.Head.Seq)], team.Now));
        Assert.Equal(newest, team.Broker.State.Head);
        Assert.Equal(LogDistance.Same, ann.Log.Compare(team.Broker.State.Head));
    }

    [Fact]
    public void A_restored_broker_that_went_on_differently_is_a_fork_to_who_holds_more()
    {
        team.Pull(ann);
        team.Broker.Restore(records: 3);
        Team.AssertTaken(team.Broker.Append([LogRecord.Sign(
            team.Owner.Key, Vectors.Mesh, "mesh", team.Broker.State.Head, team.Now, new LogBody.Policy(EncryptionRequired: true, TopicId: null, PlainIn: false)).Signed], team.Now));

        LogHead before = ann.Log.State.Head;
        Assert.Equal(LogReading.Forked, ann.Log.Read(Records));
        Assert.Equal(new LogFork(4, LogRefusal.NotNext, Records[3]), ann.Log.Fork);
        Assert.Equal(before, ann.Log.State.Head);
    }

    [Fact]
    public void Another_first_record_than_the_pinned_one_is_refused()
    {
        using Team other = new();
        HeldLog log = Fresh();
        Assert.Equal(LogReading.Forked, log.Read(other.Broker.Records));
        Assert.Equal(LogRefusal.WrongPin, log.Fork!.Refusal);
        Assert.Equal(0, log.State.Head.Seq);
    }

    private HeldLog Fresh() => new(Vectors.Mesh, "mesh", team.Broker.State.Pin);
}
