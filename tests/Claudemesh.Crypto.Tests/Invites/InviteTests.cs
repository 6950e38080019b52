using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Invites;

/// <summary>Version 3 invites: the link is the key, and who has it reads at once.</summary>
public sealed class InviteTests
{
    [Fact]
    public void The_link_of_the_vectors_is_read_and_printed()
    {
        Assert.True(InviteLink.TryParse(Vectors.Text("invite.link"), out InviteLink? link));
        using (link)
        {
            using SigningKey key = link!.Secret!.DeriveKey(link.InviteId);
            Assert.Equal(Vectors.Key("keys.invite_pub"), key.Public);
            Assert.Equal("inv1", link.InviteId);
            Assert.Equal("https://host.example", link.Broker);
            Assert.Equal(Vectors.Text("invite.link"), link.ToTextWithSecret());
            Assert.Equal("https://host.example/i/inv1", link.ToString());
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:7900/i/abc", "http://127.0.0.1:7900", "abc")]
    [InlineData(" https://Mesh.Example:8443/i/A-b_9# ", "https://mesh.example:8443", "A-b_9")]
    public void A_link_whose_fragment_was_lost_leads_to_the_same_invite_without_its_secret(string text, string broker, string id)
    {
        Assert.True(InviteLink.TryParse(text, out InviteLink? link));
        Assert.Equal(broker, link!.Broker);
        Assert.Equal(id, link.InviteId);
        Assert.Null(link.Secret);
        Assert.Equal($"{broker}/i/{id}", link.ToTextWithSecret());
    }

    [Theory]
    [InlineData("")]
    [InlineData("inv1")]
    [InlineData("ftp://host/i/inv1")]
    [InlineData("https://host/j/inv1")]
    [InlineData("https://host/i/")]
    [InlineData("https://host/i/a/b")]
    [InlineData("https://host/i/a%20b")]
    [InlineData("https://host/i/inv1?x=1")]
    [InlineData("https://user@host/i/inv1")]
    [InlineData("https://host/i/inv1#3.")]
    [InlineData("https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIiI")]
    [InlineData("https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIiIgg")]
    [InlineData("https://host/i/inv1#2.IiIiIiIiIiIiIiIiIiIiIg")]
    [InlineData("https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIi+g")]
    [InlineData("https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIiIh")]
    [InlineData("https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIi==")]
    [InlineData("https://host/i/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_no_broker_of_ours_prints_is_no_link(string text) => Assert.False(InviteLink.TryParse(text, out _));

    [Fact]
    public void The_package_of_the_vectors_opens_with_its_secret_and_no_bit_of_it_may_change()
    {
        using InviteSecret secret = new(Vectors.Bytes("inputs.invite_secret"));
        byte[] package = Vectors.Bytes("invite.package");
        Assert.True(Invitation.TryOpenPackage(secret, "inv1", package, out InvitePackageText text));
        Assert.Equal(Vectors.Bytes("invite.package_text"), SignedBytes.Of(text));
        Assert.Equal(new Digest(Vectors.Bytes("genesis.pin")), text.Pin);
        Assert.Equal(Vectors.Key("keys.member_pub"), text.Inviter);
        Assert.Equal(package, Invitation.Seal(secret, "inv1", text, Vectors.Nonce));

        Assert.All(Vectors.Flipped(package), bad => Assert.False(Invitation.TryOpenPackage(secret, "inv1", bad, out _)));
        Assert.False(Invitation.TryOpenPackage(secret, "inv2", package, out _));
        Assert.False(Invitation.TryOpenPackage(secret, "inv1", [], out _));
        Assert.All(Vectors.Flipped(Vectors.Bytes("invite.package_text")), bad =>
            Assert.True(!InvitePackageText.TryParse(bad, out InvitePackageText other) || other != text));
    }

    [Fact]
    public void A_joiner_reads_the_past_with_nobody_else_there()
    {
        using Team team = new();
        Team.AssertTaken(team.Rotate(team.Owner));
        using InviteSecret secret = InviteSecret.Generate();
        LogDraft invite = team.DraftOf(team.Owner);
        Team.AssertTaken(Invitation.Draft(
            invite, secret, "inv1", LogRole.Admin, 1, team.Now + 100_000, team.Owner.Roots.Newest, out Invitation? invitation));
        Team.AssertTaken(team.Append(invite));
        team.Broker.Copies.Add((2, invitation!.Root!));

        // While it is open, later epochs are sealed to it too; and others pass the link on without being able to change it.
        Team.AssertTaken(team.Rotate(team.Owner));

        Assert.True(Invitation.TryOpenPackage(secret, "inv1", invitation.Package, out InvitePackageText text));
        Person joiner = team.Known(new Person("joiner", MemberSecretKey.Generate(), pin: text.Pin));
        LogDraft join = team.DraftOf(joiner);
        Assert.Equal(JoinRefusal.None, Joining.Check(joiner.Log, text, secret, "inv1"));
        Team.AssertTaken(Joining.Draft(join, secret, "inv1", "joiner"));
        Team.AssertTaken(team.Append(join));
        team.Pull(joiner);

        using SigningKey key = secret.DeriveKey("inv1");
        SealedCopy copy = team.Broker.Copies.Single(copy => copy.Epoch == 3 && copy.Copy.Recipient == key.Public).Copy;
        Assert.True(joiner.Roots.TryOpen(joiner.Log.State, 3, key, copy.Copy));
        Assert.NotNull(joiner.Roots.Find(joiner.Log.State, 1));
        Assert.Equal(LogRole.Admin, joiner.Log.State.Members[joiner.Public].Role);

        // Used up, it is no recipient any more.
        Assert.DoesNotContain(key.Public, joiner.Log.State.RecipientsAt(team.Now));
    }

    [Fact]
    public void An_expired_invite_is_no_recipient_and_makes_no_rotation_due_but_a_revoked_one_does()
    {
        using Team team = new();
        using InviteSecret secret = InviteSecret.Generate();
        using SigningKey key = secret.DeriveKey("inv1");
        LogDraft invite = team.DraftOf(team.Owner);
        Team.AssertTaken(Invitation.Draft(invite, secret, "inv1", LogRole.Member, 1, team.Now + 5000, team.Owner.Roots.Newest, out _));
        Team.AssertTaken(team.Append(invite));
        Assert.Contains(key.Public, team.Broker.State.RecipientsAt(team.Now + 4999));
        Assert.DoesNotContain(key.Public, team.Broker.State.RecipientsAt(team.Now + 5000));

        team.Now += 5000;
        Assert.False(team.Broker.State.IsRotationDue());
        Team.AssertTaken(team.Rotate(team.Owner));
        Assert.DoesNotContain(team.Broker.Copies, copy => copy.Epoch == 2 && copy.Copy.Recipient == key.Public);
        Team.AssertTaken(team.Do(team.Owner, new LogBody.Uninvite("inv1")));
        Assert.True(team.Broker.State.IsRotationDue());
    }
}
