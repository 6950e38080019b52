using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Microsoft.Extensions.Logging;
using MeshError = Claudemesh.Protocol.MeshError;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Owns one workspace's delivery core: takes what was posted, lets the core turn once, hands its writes to the log and lets
/// its effects out. While writes are in the log, inputs gather, and the news of the commit is the first input of the next
/// turn. That is group commit: no timer, no wait that the disk does not impose. Idle, it costs nothing.
/// </summary>
internal sealed partial class WorkspaceLoop : ICommitListener, IThreadPoolWorkItem, IDisposable
{
    private const int InputsPerTurnMax = 512;

    /// <summary>Above this many waiting inputs sockets are asked to wait before they post more.</summary>
    private const int InputsHighMark = 4096;

    private readonly Activation activation;
    private readonly DeliveryCore core;
    private readonly IDeliveryLog log;
    private readonly IEffects effects;
    private readonly TimeProvider clock;
    private readonly ILogger<WorkspaceLoop> logger;
    private readonly ITimer alarm;
    private readonly CancellationTokenSource closed = new();

    private readonly Lock gate = new();
    private Queue<Input> waiting = new();
    private readonly List<Input> turn = new(InputsPerTurnMax + 1);
    private readonly List<Append> posts = [];
    private Input? commitNews;
    private TaskCompletionSource? room;
    private bool running;
    private bool committing;
    private bool figuresWanted;
    private DeliveryFigures figures;
    private volatile bool isFull;

    public WorkspaceLoop(
        Activation activation, DeliveryCore core, IDeliveryLog log, IEffects effects, TimeProvider clock, ILogger<WorkspaceLoop> logger)
    {
        this.activation = activation;
        this.core = core;
        this.log = log;
        this.effects = effects;
        this.clock = clock;
        this.logger = logger;
        alarm = clock.CreateTimer(static loop => ((WorkspaceLoop)loop!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// What the core holds; while it turns, what it held when the figures were last asked for. Only the one who runs may look
    /// into the core.
    /// </summary>
    public DeliveryFigures Figures
    {
        get
        {
            lock (gate)
            {
                if (running)
                    figuresWanted = true;
                else
                    figures = core.Figures;

                return figures;
            }
        }
    }

    /// <summary>Inputs that wait for a turn.</summary>
    public int InputCount
    {
        get
        {
            lock (gate)
                return waiting.Count;
        }
    }

    public void Post(Input input)
    {
        lock (gate)
        {
            waiting.Enqueue(input);
            if (!MayRun())
                return;

            running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Awaited by whoever posts for a peer, so that a peer cannot fill the memory faster than the disk takes it.</summary>
    public ValueTask RoomAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (waiting.Count < InputsHighMark && !isFull)
                return ValueTask.CompletedTask;

            room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(room.Task.WaitAsync(cancellationToken));
        }
    }

    public void OnCommitted(StepNo step) => Hear(new Committed(step));

    public void OnFailed(StepNo step, Failure why) => Hear(new CommitFailed(step, why));

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    public void Dispose()
    {
        closed.Cancel();
        alarm.Dispose();
        closed.Dispose();
    }

    /// <summary>With <see cref="gate"/> held: nobody runs, no commit is awaited, and there is something to do.</summary>
    private bool MayRun() => !running && (committing ? commitNews is not null : waiting.Count > 0);

    private void Hear(Input news)
    {
        lock (gate)
        {
            commitNews = news;
            if (!MayRun())
                return;

            running = true;
        }

        _ = RunAsync();
    }

    private void Ring() => Post(new Tick(Now()));

    private Instant Now() => clock.GetInstant();

    private async Task RunAsync()
    {
        try
        {
            while (TakeTurn())
            {
                await RecognizeAsync();
                Turn();
            }
        }
        catch (Exception error)
        {
            // A defect in the core must not leave senders without an answer: sockets are closed and attach anew.
            LogBroken(error, activation.Mesh.Value);
            Break();
        }
    }

    private bool TakeTurn()
    {
        TaskCompletionSource? hasRoom = null;
        lock (gate)
        {
            turn.Clear();
            if (figuresWanted)
            {
                figures = core.Figures;
                figuresWanted = false;
            }

            if (committing && commitNews is null || !committing && waiting.Count == 0)
            {
                running = false;
                return false;
            }

            if (commitNews is not null)
            {
                turn.Add(commitNews);
                commitNews = null;
                committing = false;
            }

            while (turn.Count <= InputsPerTurnMax && waiting.TryDequeue(out Input? input))
                turn.Add(input);

            if (waiting.Count < InputsHighMark / 2 && !isFull)
                (hasRoom, room) = (room, null);
        }

        hasRoom?.TrySetResult();
        return true;
    }

    /// <summary>Asks the store, once for the whole turn, which of the submissions it has seen before.</summary>
    private async ValueTask RecognizeAsync()
    {
        List<(MemberNo, byte[])>? keys = null;
        List<int>? places = null;
        for (int i = 0; i < turn.Count; i++)
        {
            if (turn[i] is not Submit { Key: { } key, Earlier: null } submit || core.Remembers(submit.Origin.Member, key.Id))
                continue;

            (keys ??= []).Add((submit.Origin.Member, key.Id));
            (places ??= []).Add(i);
        }

        if (keys is null)
            return;

        Known?[] known;
        try
        {
            known = await log.FindSubmissionsAsync(keys, closed.Token);
        }
        catch (DatabaseUnavailableException)
        {
            RefuseUnrecognized(places!);
            return;
        }

        for (int i = 0; i < known.Length; i++)
        {
            if (known[i] is { } earlier)
                turn[places![i]] = (Submit)turn[places[i]] with { Earlier = earlier };
        }
    }

    /// <summary>Without the store nobody can tell whether these were sent before; their senders try again.</summary>
    private void RefuseUnrecognized(List<int> places)
    {
        foreach (int place in places)
        {
            Submit submit = (Submit)turn[place];
            turn[place] = new TurnAway(submit.Origin, submit.Key, MeshError.Unavailable);
        }
    }

    private void Turn()
    {
        TellPosts();
        Step step = core.Step(CollectionsMarshal.AsSpan(turn), Now());
        if (step.Writes.Count > 0)
        {
            if (step.NeedsCommit)
            {
                lock (gate)
                    committing = true;
            }

            NotePosts(step);
            log.Post(activation, step, this);
        }

        foreach (Output effect in step.Effects)
            LetOut(effect);

        effects.Flush();
        isFull = core.IsFull;
        if (core.IsClosed)
            Break();
        else
            SetAlarm();
    }

    /// <summary>The posts of the step that goes to the log now.</summary>
    private void NotePosts(Step step)
    {
        foreach (Output write in step.Writes)
        {
            if (write is Append { Message.Envelope.Target: ['#', ..], Entries: [_, ..] } append)
                posts.Add(append);
        }
    }

    /// <summary>The step before this turn has been committed, or has failed and is undone.</summary>
    private void TellPosts()
    {
        if (turn is not [Committed or CommitFailed, ..])
            return;

        if (turn[0] is Committed)
        {
            foreach (Append post in posts)
            {
                effects.Posted(post.Message, post.Entries[0].Mailbox);
                if (!post.Mentioned.IsEmpty)
                    effects.Mentioned(post);
            }
        }
        else if (posts.Count > 0)
        {
            effects.PostsDoubted();
        }

        posts.Clear();
    }

    private void LetOut(Output effect)
    {
        switch (effect)
        {
            case Push push:
                effects.Push(push);
                break;
            case Answer answer:
                effects.Answer(answer);
                break;
            case Notify notify:
                effects.Notify(notify);
                break;
            case Fetch fetch:
                _ = ReadAsync(fetch);
                break;
            case Ask ask:
                _ = ReadAsync(ask);
                break;
            case AskOutcomes ask:
                _ = ReadAsync(ask);
                break;
            case Cut cut:
                effects.Cut(cut);
                break;
        }
    }

    private Task ReadAsync(Fetch fetch) => ReadAsync(async () =>
    {
        ImmutableArray<Stored> entries =
            await log.ReadAfterAsync(fetch.Source, fetch.Lane, fetch.After, fetch.AsOf, fetch.Limit, closed.Token);
        return new Page(fetch.No, entries, entries.Length >= fetch.Limit);
    });

    private Task ReadAsync(Ask ask) =>
        ReadAsync(async () => new MailboxFacts(ask.Mailbox, await log.ReadFactsAsync(ask.Mailbox, closed.Token)));

    private Task ReadAsync(AskOutcomes ask) =>
        ReadAsync(async () => new Outcomes(
            ask.Message,
            await log.ReadOutcomesAsync(ask.Message, closed.Token),
            await log.ReadHeirsAsync(ask.Message, closed.Token)));

    /// <summary>The core waits for the answer however long it takes, so a read that fails is tried again each second.</summary>
    private async Task ReadAsync(Func<Task<Input>> read)
    {
        while (!closed.IsCancellationRequested)
        {
            try
            {
                Post(await read());
                return;
            }
            catch (Exception ended) when (ended is OperationCanceledException || closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogReadFailed(error, activation.Mesh.Value);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, CancellationToken.None);
            }
        }
    }

    private void SetAlarm()
    {
        if (core.WakeIn is { } wait)
            alarm.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Break()
    {
        closed.Cancel();
        effects.Broken();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Workspace {Mesh}: the delivery loop failed and is opened anew")]
    private partial void LogBroken(Exception error, long mesh);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Mesh}: a read failed and is tried again")]
    private partial void LogReadFailed(Exception error, long mesh);
}
