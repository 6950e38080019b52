using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Epochs;

/// <summary>Who reads which epoch: the whole past with one copy, and nothing after a removal.</summary>
public sealed class RootHistoryTests : IDisposable
{
    private readonly Team team = new();

    private Membership Truth => team.Broker.State;

    public void Dispose() => team.Dispose();

    [Fact]
    public void Copy_and_links_of_the_vectors_lead_from_the_third_epoch_to_the_first()
    {
        Membership log = Membership.Empty(Vectors.Mesh, "mesh");
        foreach (SignedRecord record in Vectors.Log("mesh").Take(13))
            log = log.Append([record], long.MaxValue / 2).Next!;

        using SigningKey b = Vectors.B();
        Assert.All(["sealed_copy_2_for_b", "sealed_copy_3_for_b"], name => Assert.All(Vectors.Flipped(Vectors.Bytes($"root.{name}")), bad =>
        {
            using RootHistory none = new();
            Assert.False(none.TryOpen(log, name.Contains('2', StringComparison.Ordinal) ? 2 : 3, b, bad));
        }));

        using RootHistory roots = new();
        Assert.True(roots.TryOpen(log, 3, b, Vectors.Bytes("root.sealed_copy_3_for_b")));
        Assert.Equal(Vectors.Bytes("root.back_3"), log.Epochs[2].Back.ToArray());
        Assert.Equal(Vectors.Bytes("root.root_key_3"), roots.Newest!.Expose());
        Assert.Equal(Vectors.Bytes("inputs.root_key"), roots.Find(log, 1)!.Expose());
        Assert.Equal(Vectors.Bytes("root.root_key_2"), roots.Find(log, 2)!.Expose());

        using RootHistory second = new();
        Assert.True(second.TryOpen(log, 2, b, Vectors.Bytes("root.sealed_copy_2_for_b")));
        Assert.Null(second.Find(log, 3));
        using SigningKey other = Vectors.A();
        Assert.False(new RootHistory().TryOpen(log, 2, other, Vectors.Bytes("root.sealed_copy_2_for_b")));
        RootKey third = roots.Newest;
        Assert.All(Vectors.Flipped(Vectors.Bytes("root.back_3")), bad => Assert.False(third.TryOpenBack(bad, log.FindRoot(2)!, out _)));
    }

    [Fact]
    public void Who_was_away_for_thirty_epochs_reads_them_all_with_the_newest_copy()
    {
        Person ann = team.Admit("ann");
        for (int i = 0; i < 30; i++)
            Team.AssertTaken(team.Rotate(team.Owner));
        team.Broker.Copies.RemoveAll(copy => copy.Epoch < Truth.Epoch);

        using RootHistory roots = new();
        SealedCopy newest = team.Broker.Copies.Single(copy => copy.Copy.Recipient == ann.Public).Copy;
        Assert.True(roots.TryOpen(Truth, Truth.Epoch, ann.Key.Key, newest.Copy));
        for (long epoch = Truth.Epoch; epoch >= 1; epoch--)
            Assert.Equal(Truth.FindRoot(epoch), roots.Find(Truth, epoch)!.Reference);
        Assert.Null(roots.Find(Truth, 0));
        Assert.Null(roots.Find(Truth, Truth.Epoch + 1));
    }

    [Fact]
    public void An_epoch_without_a_link_cuts_the_past_off_for_those_who_come_later_only()
    {
        Team.AssertTaken(team.Rotate(team.Owner));
        Team.AssertTaken(team.Rotate(team.Owner, history: false));
        Team.AssertTaken(team.Rotate(team.Owner));
        Person late = team.Admit("late");
        Assert.NotNull(late.Roots.Find(Truth, 3));
        Assert.Null(late.Roots.Find(Truth, 2));
        Assert.Null(late.Roots.Find(Truth, 1));
        Assert.NotNull(team.Owner.Roots.Find(Truth, 1));
    }

    [Fact]
    public void Who_was_removed_opens_nothing_newer_with_the_whole_database()
    {
        Person ann = team.Admit("ann");
        Team.AssertTaken(team.Remove(team.Owner, ann));
        Team.AssertTaken(team.Rotate(team.Owner));
        foreach ((long epoch, SealedCopy copy) in team.Broker.Copies)
            Assert.Equal(epoch == 1 && copy.Recipient == ann.Public, ann.Roots.TryOpen(Truth, epoch, ann.Key.Key, copy.Copy) && epoch == 1 && copy.Recipient == ann.Public);
        Assert.NotNull(ann.Roots.Find(Truth, 1));
        Assert.Null(ann.Roots.Find(Truth, 2));
        Assert.Null(ann.Roots.Find(Truth, 3));

        // The links lead backwards only.
        RootKey first = ann.Roots.Find(Truth, 1)!;
        Assert.All(Truth.Epochs.Skip(1), epoch => Assert.False(first.TryOpenBack(epoch.Back.Span, Truth.FindRoot(epoch.Number)!, out _)));
    }

    [Fact]
    public void Whoever_holds_the_root_seals_a_lost_copy_again()
    {
        Person ann = team.Admit("ann");
        Person bea = team.Admit("bea");
        Team.AssertTaken(team.Rotate(team.Owner));
        team.Broker.Copies.RemoveAll(copy => copy.Copy.Recipient == bea.Public);
        team.Pull(ann);

        using RootHistory roots = new();
        Assert.True(roots.TryOpen(Truth, 2, bea.Key.Key, Rotation.SealCopy(ann.Roots.Newest!, bea.Public).Copy));
        Assert.NotNull(roots.Find(Truth, 1));
    }

    [Fact]
    public void A_root_that_is_not_the_logs_is_not_kept()
    {
        using RootHistory roots = new();
        Assert.False(roots.TryAdd(Truth, RootKey.Generate(Vectors.Mesh, "mesh", epoch: 1)));
        RootKey right = new(team.Owner.Roots.Newest!.Expose(), Vectors.Mesh, "mesh", epoch: 1);
        Assert.True(roots.TryAdd(Truth, right));
        Assert.True(roots.TryAdd(Truth, right));
        Assert.True(roots.TryAdd(Truth, new RootKey(right.Expose(), Vectors.Mesh, "mesh", epoch: 1)));
        Assert.Same(right, roots.Newest);
        Assert.Equal(32, right.Expose().Length);
        Assert.Throws<ArgumentException>(() => Rotation.Draft(team.DraftOf(team.Owner), RootKey.Generate(Vectors.Mesh, "mesh", 1), "wrong", out _));
    }
}
