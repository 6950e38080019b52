using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Logging.Abstractions;
using MessageStates = Claudemesh.Local.MessageStates;

namespace Claudemesh.Daemon.Tests.Outbox;

public sealed class OutboxDrainTests : IAsyncLifetime
{
    private readonly PublicKey bob = new MemberIdentity(OutboxFixture.MeshId, Crypto.RandomBytes.Next(32), []).Public;
    private readonly PublicKey carol = new MemberIdentity(OutboxFixture.MeshId, Crypto.RandomBytes.Next(32), []).Public;
    private readonly ConcurrentQueue<Send> frames = new();
    private readonly ConcurrentQueue<string> stale = new();
    private readonly CancellationTokenSource connected = new();
    private OutboxFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await OutboxFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await connected.CancelAsync();
        connected.Dispose();
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task Ten_thousand_messages_arrive_in_order_and_are_all_accepted()
    {
        const int Count = 10_000;
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => fixture.SubmitAsync($"m{i:D5}", bob)));
        OutboxDrain drain = NewDrain(Accept);
        Task running = drain.RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("all are accepted", () => fixture.Outbox.CountWaiting(fixture.Row.No) == 0);
        
        string[] sent = [.. frames.Select(frame => frame.ClientMessageId!)];
        string[] stored = [.. fixture.Database.Read(sql => sql.Query("SELECT client_message_id FROM outbox ORDER BY seq", row => row.GetString(0)))];
        Assert.Equal(stored, sent);
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_message_added_while_the_connection_is_idle_goes_out_at_once()
    {
        OutboxDrain drain = NewDrain(Accept);
        Task running = drain.RunAsync(() => { }, connected.Token);
        await fixture.SubmitAsync("a", bob);
        drain.Wake();

        await Eventually.TrueAsync("it is accepted", () => fixture.Get("a").State is MessageStates.Accepted);
        Assert.Equal("broker-a", fixture.Get("a").MessageId);
        Assert.Equal(1, fixture.Get("a").Attempts);
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    [Trait("cli", "7 crash: tried again to somebody else")]
    public async Task What_was_unanswered_when_the_connection_was_lost_goes_out_again_under_the_same_id_and_fingerprint()
    {
        await fixture.SubmitAsync("a", bob);
        var lost = new TaskCompletionSource<Ack>();
        Task first = NewDrain(_ => lost.Task).RunAsync(() => { }, connected.Token);
        await Eventually.TrueAsync("it is on its way", () => fixture.Get("a").State is MessageStates.Sent);
        await connected.CancelAsync();
        lost.SetException(new IOException("lost"));
        await first;
        Assert.Equal(MessageStates.Pending, fixture.Get("a").State);

        using var again = new CancellationTokenSource();
        Task second = NewDrain(Accept).RunAsync(() => { }, again.Token);
        await Eventually.TrueAsync("it is accepted", () => fixture.Get("a").State is MessageStates.Accepted);
        await again.CancelAsync();
        await second;

        Send[] both = [.. frames];
        Assert.Equal(2, both.Length);
        Assert.Equal(both[0].ClientMessageId, both[1].ClientMessageId);
        Assert.Equal(both[0].RequestFingerprint, both[1].RequestFingerprint);
        Assert.Equal(both[0].TargetSpec, both[1].TargetSpec);
        Assert.Equal(bob.ToString(), both[1].TargetSpec);
        Assert.Equal(2, fixture.Get("a").Attempts);
    }

    [Fact]
    public async Task At_most_a_window_of_messages_is_unanswered_at_a_time()
    {
        await Task.WhenAll(Enumerable.Range(0, OutboxDrain.WindowMax + 50).Select(i => fixture.SubmitAsync($"m{i}", bob)));
        var answers = new ConcurrentQueue<TaskCompletionSource<Ack>>();
        Task running = NewDrain(_ =>
        {
            var answer = new TaskCompletionSource<Ack>();
            answers.Enqueue(answer);
            return answer.Task;
        }).RunAsync(() => { }, connected.Token);
        await Eventually.TrueAsync("the window is full", () => answers.Count == OutboxDrain.WindowMax);

        answers.TryDequeue(out TaskCompletionSource<Ack>? first);
        first!.SetResult(Accepted(frames.First()));
        await Eventually.TrueAsync("one more goes out for the one answered", () => answers.Count == OutboxDrain.WindowMax);
        Assert.Equal(OutboxDrain.WindowMax + 1, frames.Count);

        await connected.CancelAsync();
        foreach (TaskCompletionSource<Ack> answer in answers)
            answer.SetException(new IOException());
        await running;
    }

    [Theory]
    [InlineData("blocked by recipient grants: sending to this member is forbidden by its own settings.", "blocked")]
    [InlineData("payload too large: the message is invalid above the broker's limit.", "payload_too_large")]
    [InlineData("no connected peer for target: nobody here has this address yet.", "no_connected_peer")]
    public async Task A_refusal_for_good_ends_it_with_the_brokers_reason(string text, string code)
    {
        await fixture.SubmitAsync("a", bob);
        Task running = NewDrain(frame => Task.FromResult(new Ack(frame.Id!, "", false, text, code))).RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("it is refused", () => fixture.Get("a").State is MessageStates.Refused);
        Assert.Equal(text, fixture.Get("a").Reason);
        Assert.Equal(0, fixture.Outbox.CountWaiting(fixture.Row.No));
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_recipient_whose_mailbox_is_full_is_tried_again_later_and_holds_nobody_else_back()
    {
        bool full = true;
        await fixture.SubmitAsync("b1", bob);
        await fixture.SubmitAsync("c1", carol);
        OutboxDrain drain = NewDrain(frame => full && frame.TargetSpec == bob.ToString()
            ? Task.FromResult(Ack.Refused(frame.Id, MeshError.MailboxFull))
            : Accept(frame));
        Task running = drain.RunAsync(() => { }, connected.Token);
        await Eventually.TrueAsync("carol has hers and bob is put off", () =>
            fixture.Get("c1").State is MessageStates.Accepted && fixture.Get("b1") is { State: MessageStates.Pending, Attempts: 1, Reason: not null });

        // What is added for him meanwhile waits behind the first.
        await fixture.SubmitAsync("b2", bob);
        await fixture.SubmitAsync("c2", carol);
        drain.Wake();
        await Eventually.TrueAsync("carol has her second", () => fixture.Get("c2").State is MessageStates.Accepted);
        Assert.Equal(0, fixture.Get("b2").Attempts);

        full = false;
        await Eventually.TrueAsync("bob has both", () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return fixture.Get("b2").State is MessageStates.Accepted;
        });
        Assert.Equal(["b1", "c1", "c2", "b1", "b2"], frames.Select(frame => frame.ClientMessageId));
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_message_refused_for_now_is_tried_again_though_one_behind_it_was_accepted_in_the_same_moment()
    {
        const int Count = OutboxDrain.WindowMax + 44;
        for (int i = 0; i < Count; i++)
            await fixture.SubmitAsync($"m{i:D3}", bob);
        TaskCompletionSource<Ack> first = new(), second = new();
        int sent = 0;

        // Answers are given while the drain is busy with its window, so that it finds both at once, and more waits behind the window.
        OutboxDrain drain = new(fixture.Row.No, fixture.Outbox, new Sealer(fixture.Me, _ => false, key => key), NoRoot, _ => { }, (frame, _) =>
        {
            frames.Enqueue(frame);
            switch (++sent)
            {
                case 1: return first.Task;
                case 2: return second.Task;
                case OutboxDrain.WindowMax:
                    Send[] window = [.. frames];
                    first.SetResult(Ack.Refused(window[0].Id, MeshError.MailboxFull));
                    second.SetResult(Accepted(window[1]));
                    break;
            }

            return Accept(frame);
        }, _ => { }, fixture.Clock, NullLogger<OutboxDrain>.Instance);
        Task running = drain.RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("all are accepted", () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return fixture.Outbox.CountWaiting(fixture.Row.No) == 0;
        });
        Assert.Equal(2, fixture.Get("m000").Attempts);
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_member_who_is_too_fast_waits_and_then_sends_one_before_the_rest()
    {
        int refusals = 2;
        for (int i = 0; i < 5; i++)
            await fixture.SubmitAsync($"m{i}", bob);
        Task running = NewDrain(frame => frame.Id == "m0" && Interlocked.Decrement(ref refusals) >= 0
            ? Task.FromResult(Ack.Refused(frame.Id, MeshError.RateLimit))
            : Accept(frame)).RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("all are accepted", () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return fixture.Outbox.CountWaiting(fixture.Row.No) == 0;
        });
        Assert.Equal(3, fixture.Get("m0").Attempts);
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_one_recipient_holds_back_does_not_stop_what_the_broker_held_back_for_everybody()
    {
        // Bob's mailbox is full; then the broker is busy for carol's, while bob still waits the longer time.
        await fixture.SubmitAsync("b1", bob);
        bool full = true, busy = true;
        OutboxDrain drain = NewDrain(frame => (frame.TargetSpec == bob.ToString(), full, busy) switch
        {
            (true, true, _) => Task.FromResult(Ack.Refused(frame.Id, MeshError.MailboxFull)),
            (false, _, true) => Task.FromResult(Ack.Refused(frame.Id, MeshError.RateLimit)),
            _ => Accept(frame),
        });
        Task running = drain.RunAsync(() => { }, connected.Token);
        for (int attempts = 1; attempts <= 4; attempts++)
        {
            await Eventually.TrueAsync("bob is put off once more", () =>
            {
                fixture.Clock.Advance(TimeSpan.FromSeconds(1));
                return fixture.Get("b1") is { State: MessageStates.Pending } row && row.Attempts >= attempts;
            });
        }

        await fixture.SubmitAsync("c1", carol);
        await fixture.SubmitAsync("c2", carol);
        drain.Wake();
        await Eventually.TrueAsync("carol is put off", () => fixture.Get("c1") is { State: MessageStates.Pending, Attempts: >= 1 });
        busy = false;
        await Eventually.TrueAsync("carol has both", () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return fixture.Get("c2").State is MessageStates.Accepted;
        });

        full = false;
        await Eventually.TrueAsync("bob has his", () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return fixture.Get("b1").State is MessageStates.Accepted;
        });
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Nothing_new_goes_to_a_recipient_before_the_first_that_was_refused_is_accepted()
    {
        // An answer to something that was sent before the refusal says nothing: what is still on its way is refused as well.
        for (int i = 0; i < 3; i++)
            await fixture.SubmitAsync($"m{i}", bob);
        TaskCompletionSource<Ack> first = new(), second = new(), third = new();
        var answers = new ConcurrentDictionary<string, Task<Ack>> { ["m0"] = first.Task, ["m1"] = second.Task, ["m2"] = third.Task };
        OutboxDrain drain = NewDrain(frame => answers.TryRemove(frame.ClientMessageId!, out Task<Ack>? answer) ? answer : Accept(frame));
        Task running = drain.RunAsync(() => { }, connected.Token);
        await Eventually.TrueAsync("three are on their way", () => frames.Count == 3);

        Send[] sent = [.. frames];
        second.SetResult(Ack.Refused(sent[1].Id, MeshError.MailboxFull));
        first.SetResult(Accepted(sent[0]));
        await Eventually.TrueAsync("the first is accepted and the second put off", () =>
            fixture.Get("m0").State is MessageStates.Accepted && fixture.Get("m1").State is MessageStates.Pending);
        await fixture.SubmitAsync("m3", bob);
        drain.Wake();
        third.SetResult(Ack.Refused(sent[2].Id, MeshError.MailboxFull));

        await Eventually.TrueAsync("all are accepted", () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return fixture.Outbox.CountWaiting(fixture.Row.No) == 0;
        });
        Assert.Equal(["m0", "m1", "m2", "m1", "m2", "m3"], frames.Select(frame => frame.ClientMessageId));
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_message_that_waited_thirty_days_expires_and_is_not_sent()
    {
        await fixture.SubmitAsync("a", bob);
        fixture.Clock.Advance(OutboxStore.WaitMax + TimeSpan.FromMinutes(1));
        Task running = NewDrain(Accept).RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("it has expired", () => fixture.Get("a").State is MessageStates.Expired);
        Assert.Empty(frames);
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_key_that_nobody_can_be_written_to_under_is_refused_and_the_rest_goes_on()
    {
        await fixture.SubmitAsync("bad", new PublicKey(new byte[32]));
        await fixture.SubmitAsync("good", bob);
        Task running = NewDrain(Accept).RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("the good one is accepted", () => fixture.Get("good").State is MessageStates.Accepted);
        Assert.Equal(MessageStates.Refused, fixture.Get("bad").State);
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_is_refused_for_a_stale_root_is_sealed_again_under_the_present_one_with_its_id_and_in_its_place()
    {
        using RootKey first = RootKey.Generate(OutboxFixture.MeshId, "mesh", 1);
        using RootKey second = RootKey.Generate(OutboxFixture.MeshId, "mesh", 2);
        for (int i = 0; i < 5; i++)
            await fixture.SubmitSharedAsync($"m{i}", "*", $"text {i}");
        OutboxDrain drain = NewDrain(
            frame => Task.FromResult(EpochOf(frame) == 1 ? Ack.Refused(frame.Id, MeshError.StaleEpoch) : Accepted(frame)),
            (_, _) => Task.FromResult<LocalReply<ReadyScope>>(new ReadyScope(Membership.Empty(OutboxFixture.MeshId, "mesh"), stale.IsEmpty ? first : second)));
        Task running = drain.RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("all are accepted", () => fixture.Outbox.CountWaiting(fixture.Row.No) == 0);
        Send[] taken = [.. frames.Where(frame => EpochOf(frame) == 2)];
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], taken.Select(frame => frame.ClientMessageId));
        Assert.All(taken, frame => Assert.Equal(("*", 3), (frame.TargetSpec, frame.BodyVersion)));
        Assert.All(stale, target => Assert.Equal("*", target));
        await connected.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_waits_for_a_root_says_why_holds_back_nobody_else_and_goes_as_soon_as_the_root_is_there()
    {
        using RootKey root = RootKey.Generate(OutboxFixture.MeshId, "mesh", 1);
        bool isHere = false;
        await fixture.SubmitSharedAsync("shared", "@backend", "to several");
        await fixture.SubmitAsync("direct", bob);
        OutboxDrain drain = NewDrain(
            Accept,
            (_, _) => Task.FromResult<LocalReply<ReadyScope>>(
                isHere ? new ReadyScope(Membership.Empty(OutboxFixture.MeshId, "mesh"), root) : KeyProblems.NoCopy("acme", "mesh")));
        Task running = drain.RunAsync(() => { }, connected.Token);

        await Eventually.TrueAsync("the other one is accepted", () => fixture.Get("direct").State is MessageStates.Accepted);
        await Eventually.TrueAsync("it says why", () => fixture.Get("shared").Reason?.Contains("is not here yet", StringComparison.Ordinal) == true);
        Assert.Equal("direct", Assert.Single(frames).ClientMessageId);

        // The clock stands still, so only being told lets it go.
        isHere = true;
        drain.KeysChanged();
        await Eventually.TrueAsync("it goes", () => fixture.Get("shared").State is MessageStates.Accepted);
        await connected.CancelAsync();
        await running;
    }

    private static long EpochOf(Send frame) => MessageHeader.TryParse(frame.Header!, out MessageHeader? header) ? header!.Root!.Epoch : 0;

    private static Ack Accepted(Send frame) => new(frame.Id!, "broker-" + frame.Id, true, Recipients: 1);

    private static Task<Ack> Accept(Send frame) => Task.FromResult(Accepted(frame));

    private static Task<LocalReply<ReadyScope>> NoRoot(string target, CancellationToken cancellationToken) =>
        Task.FromResult<LocalReply<ReadyScope>>(KeyProblems.NoCopy("acme", "mesh"));

    private OutboxDrain NewDrain(Func<Send, Task<Ack>> broker, Func<string, CancellationToken, Task<LocalReply<ReadyScope>>>? ready = null) => new(
        fixture.Row.No,
        fixture.Outbox,
        new Sealer(fixture.Me, _ => false, key => key),
        ready ?? NoRoot,
        target => stale.Enqueue(target),
        async (frame, _) =>
        {
            frames.Enqueue(frame);
            await Task.Yield();
            return await broker(frame);
        },
        _ => { },
        fixture.Clock,
        NullLogger<OutboxDrain>.Instance);
}
