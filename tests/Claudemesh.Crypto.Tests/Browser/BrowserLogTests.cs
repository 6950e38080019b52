using System.Text.Json.Nodes;
using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Browser;

/// <summary>Daemon and page judge the same records alike, and an invite made on one side is accepted on the other.</summary>
[Collection(nameof(BrowserPeer))]
public sealed class BrowserLogTests(BrowserPeer page)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_anybody_tries_both_sides_take_and_refuse_the_same(int seed)
    {
        using RandomLog workspace = new(new Dice((ulong)seed), "mesh", mesh: null);
        workspace.Try(300);
        AssertAlike(workspace, mesh: null);
        Assert.True(workspace.Verdicts.Distinct().Count() >= 17, string.Join(' ', workspace.Verdicts.Distinct()));

        using RandomLog topic = new(new Dice((ulong)seed), "topic/t1", workspace);
        topic.Try(200);
        AssertAlike(topic, workspace);
        Assert.True(topic.Verdicts.Distinct().Count() >= 14, string.Join(' ', topic.Verdicts.Distinct()));
    }

    [Fact]
    public void Who_is_invited_by_a_daemon_joins_and_reads_in_the_page()
    {
        using Team team = new();
        using InviteSecret secret = InviteSecret.Generate();
        LogDraft draft = team.DraftOf(team.Owner);
        RootKey root = team.Owner.Roots.Newest!;
        Team.AssertTaken(Invitation.Draft(draft, secret, "invOne", LogRole.Member, 1, team.Now + 60_000, root, out Invitation? invitation));
        Team.AssertTaken(team.Append(draft));

        using AccountSecret account = AccountSecret.Generate();
        InviteLink link = new("https://host.example", "invOne", secret);
        JsonNode joined = Join(team, account, link, invitation!);
        using MemberSecretKey member = account.DeriveMember("user7", Vectors.Mesh);
        Assert.Equal(member.Public.ToString(), joined["member"]!.GetValue<string>());
        Team.AssertTaken(team.Broker.Append([BrowserPeer.Record(joined["record"]!)], team.Now + 5));
        Assert.Equal(new LogMember("member7", LogRole.Member, MemberKind.Person), team.Broker.State.Members[member.Public]);
        Assert.True(RootKey.TryOpenCopy(member.Key, BrowserPeer.Bytes(joined["copy"]), Vectors.Mesh, root.Reference, out _));

        // One use: the second is told so, and a broker that shows another log is noticed.
        Assert.Equal("InviteClosed", Join(team, account, link, invitation!)["refusal"]!.GetValue<string>());
        using Team other = new();
        Assert.Equal("OtherWorkspace", Join(other, account, link, invitation!)["refusal"]!.GetValue<string>());
        using InviteSecret guessed = InviteSecret.Generate();
        Assert.Equal("NoPackage", Join(team, account, link with { Secret = guessed }, invitation!)["refusal"]!.GetValue<string>());
    }

    [Fact]
    public void Who_is_invited_in_the_page_joins_and_reads_in_a_daemon()
    {
        JsonNode made = page.Ask("invite", new { now = Vectors.At })!;
        string meshId = made["meshId"]!.GetValue<string>();
        Assert.True(InviteLink.TryParse(made["link"]!.GetValue<string>(), out InviteLink? link));
        Assert.True(Invitation.TryOpenPackage(link!.Secret!, link.InviteId, BrowserPeer.Bytes(made["package"]), out InvitePackageText package));

        HeldLog held = new(meshId, "mesh", package.Pin);
        Assert.Equal(LogReading.Extended, held.Read(made["records"]!.AsArray().Select(record => BrowserPeer.Record(record!))));
        Assert.Equal(JoinRefusal.None, Joining.Check(held, package, link.Secret!, link.InviteId));
        using MemberSecretKey joiner = MemberSecretKey.Generate();
        LogDraft draft = new(held.State, joiner, Vectors.At + 1);
        Assert.Equal(LogRefusal.None, Joining.Draft(draft, link.Secret!, link.InviteId, "member2"));
        Assert.Equal(LogRole.Admin, draft.State.Members[joiner.Public].Role);

        using RootHistory roots = new();
        using SigningKey inviteKey = link.Secret!.DeriveKey(link.InviteId);
        Assert.True(roots.TryOpen(draft.State, 2, inviteKey, BrowserPeer.Bytes(made["copy"])));
        Assert.Equal(made["firstRoot"]!.GetValue<string>(), roots.Find(draft.State, 1)!.Id.ToString());
    }

    private JsonNode Join(Team team, AccountSecret account, InviteLink link, Invitation invitation) => page.Ask("join", new
    {
        link = link.ToTextWithSecret(),
        package = BrowserPeer.Hex(invitation.Package),
        records = team.Broker.Records.Select(BrowserPeer.Hex),
        copy = BrowserPeer.Hex(invitation.Root!.Copy),
        account = BrowserPeer.Hex(account.Expose()),
        userId = "user7",
        memberId = "member7",
        now = team.Now + 1,
    })!;

    private void AssertAlike(RandomLog log, RandomLog? mesh)
    {
        JsonNode judged = page.Ask("judge", new
        {
            meshId = Vectors.Mesh,
            scope = log.State.Scope,
            attempts = log.Attempts.Select(BrowserPeer.Hex),
            mesh = mesh?.Taken.Select(BrowserPeer.Hex),
        })!;
        Assert.Equal(log.Verdicts.Select(verdict => verdict.ToString()), judged["verdicts"]!.AsArray().Select(verdict => verdict!.GetValue<string>()));
        Assert.Equal(Describe(log.State, mesh?.State), judged["state"]!.AsArray().Select(line => line!.GetValue<string>()));
    }

    /// <summary>The state in a form that both sides can write alike.</summary>
    private static IEnumerable<string> Describe(Membership state, Membership? mesh)
    {
        List<string> lines =
        [
            $"head {state.Head.Seq} {state.Head.Hash} {state.Head.At}",
            $"pin {state.Pin} required {Word(state.EncryptionRequired)} due {Word(state.IsRotationDue(mesh))} "
                + $"recipients {Membership.HashOf(state.RecipientsAt(state.Head.At))}",
            .. state.Epochs.Select(epoch => $"epoch {epoch.Number} {epoch.RootId}"),
            .. state.Members.Select(pair => $"member {pair.Key} {pair.Value.MemberId} {Word(pair.Value.Role)} {Word(pair.Value.Kind)}"),
            .. state.Invites.Select(pair => $"invite {pair.Key} {pair.Value.Key} {Word(pair.Value.Role)} "
                + $"{pair.Value.Uses}/{pair.Value.UsesMax} {pair.Value.ExpiresAt} {Word(pair.Value.Ended)}"),
            .. state.Keys.Select(pair => $"key {pair.Key} {pair.Value.MemberId} {pair.Value.Successor?.ToString() ?? "-"} {Word(pair.Value.WasLost)} "
                + $"{state.Follow(pair.Key)?.ToString() ?? "-"} "
                + string.Join(' ', pair.Value.Stays.Select(stay => $"{stay.FromEpoch}:{stay.FromAt}-{stay.UntilEpoch}:{stay.UntilAt}"))),
        ];
        return lines.Order(StringComparer.Ordinal);
    }

    private static string Word<T>(T value) => value!.ToString()!.ToLowerInvariant();
}
