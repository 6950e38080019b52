using Claudemesh.Broker.Messaging.Delivery;
using Directory = Claudemesh.Broker.Messaging.Delivery.Directory;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>How a commit ends.</summary>
internal enum CommitEnd
{
    Done,
    Failed,

    /// <summary>It happened, and its failure was reported.</summary>
    DoneAndFailed,
}

/// <summary>
/// A core with what surrounds it: inputs on their way, steps in the log, questions to the store. Inputs of one source keep
/// their order; those of different sources come in any.
/// </summary>
internal sealed class BrokerNode(Dice dice, DeliveryBounds bounds, ModelLog log, Action<Step, Input[]> onStep)
{
    public const long FromLog = -1;
    public const long FromDirectory = -2;
    public const long FromUpkeep = -3;
    private const long FromStore = -1_000;

    private readonly List<(long Source, Input Input)> inputs = [];
    private readonly Queue<Step> inLog = new();
    private readonly List<Output> questions = [];
    private readonly List<Input> batch = [];
    private long answered;
    private bool isFenced;

    /// <summary>Where everything that goes into the core and comes out of it is written, when a seed is looked into.</summary>
    public static TextWriter? Trace { get; set; }

    /// <summary>Whether the news of a commit comes before anything else, as in the broker; without it a later step may be under way when one fails.</summary>
    public bool NewsFirst { get; init; }

    /// <summary>What a new core is told of the topics.</summary>
    public Func<IEnumerable<Input>> Topics { get; init; } = static () => [];

    public DeliveryCore Core { get; private set; } = NewCore(log, bounds);

    public ModelLog Log { get; private set; } = log;

    public Instant Now { get; private set; } = new(1_700_000_000_000_000);

    public int Inputs => inputs.Count;

    public int InLog => inLog.Count;

    /// <summary>What the core told anybody is in the log too.</summary>
    public bool IsLogQuiet => inLog.Count == 0 && !inputs.Exists(input => input.Source == FromLog);

    public bool IsOnItsWay<T>()
        where T : Input => inputs.Exists(input => input.Input is T);

    public int Questions => questions.Count;

    public bool IsQuiet => inputs.Count == 0 && inLog.Count == 0 && questions.Count == 0;

    /// <summary>The clock moves, forward or back, and the core is told.</summary>
    public void Pass(TimeSpan time)
    {
        Now += time;
        Post(FromUpkeep, new Tick(Now));
    }

    public void Post(long source, Input input) => inputs.Add((source, input));

    /// <summary>What a lost connection had said and the broker had not read.</summary>
    public void Unsay(long source) => inputs.RemoveAll(input => input.Source == source);

    public void Turn(int most)
    {
        batch.Clear();
        while (batch.Count < most && inputs.Count > 0)
            batch.Add(Take());
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch[i] is Submit { Key: { } key } submit && !Core.Remembers(submit.Origin.Member, key.Id))
                batch[i] = submit with { Earlier = Log.FindSubmission(submit.Origin.Member, key.Id) };
        }

        Input[] taken = [.. batch];
        Step step = Core.Step(taken, Now);
        if (step.NeedsCommit)
            inLog.Enqueue(step);
        else if (!isFenced)
            Log.Apply(step);
        foreach (Output effect in step.Effects)
        {
            if (effect is Ask or Fetch or AskOutcomes)
                questions.Add(effect);
        }

        if (Trace is not null)
            Write(step, taken);
        onStep(step, taken);
    }

    public void Commit(CommitEnd end)
    {
        Step step = inLog.Dequeue();
        // A name that is taken fails the transaction, as the store's primary key does.
        bool collides = step.Writes.Exists(write =>
            write is Append { Message: { Key: { } key } message } && Log.FindSubmission(message.Sender, key.Id) is not null);
        if (end != CommitEnd.Failed && !collides)
            Log.Apply(step);
        Post(FromLog, end == CommitEnd.Done && !collides ? new Committed(step.No) : new CommitFailed(step.No, Failure.Disk));
    }

    /// <summary>The store answers one question, as things stand now.</summary>
    public void AnswerOne()
    {
        int index = dice.Below(questions.Count);
        Output question = questions[index];
        questions.RemoveAt(index);
        Post(FromStore - ++answered, question switch
        {
            Ask ask => new MailboxFacts(ask.Mailbox, Log.Facts(ask.Mailbox)),
            Fetch fetch => Log.Read(fetch),
            AskOutcomes outcomes => Log.OutcomesOf(outcomes.Message),
            _ => throw new InvalidOperationException("Not a question."),
        });
    }

    /// <summary>The process dies. Some of what is in the log may have been committed, and nobody was told.</summary>
    public void Crash(Directory directory)
    {
        for (int kept = dice.Below(inLog.Count + 1); kept > 0; kept--)
            Commit(CommitEnd.Done);
        Restart(Log, directory);
    }

    /// <summary>Another activation takes over: the store refuses this one's steps.</summary>
    public void Fence(Directory directory)
    {
        isFenced = true;
        bool isTold = inLog.Count > 0;
        while (inLog.TryDequeue(out Step? step))
            Post(FromLog, new CommitFailed(step.No, Failure.Fenced));
        while (inputs.Exists(input => input.Source == FromLog))
            Turn(1_000);
        if (isTold && !Core.IsClosed)
            throw new SimulationFailure("a fenced core goes on");
        isFenced = false;
        Restart(Log, directory);
    }

    /// <summary>An older backup takes the store's place; positions that were given out since are not given out again.</summary>
    public void Restore(ModelLog backup, Directory directory)
    {
        backup.NextPosition = Log.NextPosition + (1L << 20);
        Restart(backup, directory);
    }

    private static DeliveryCore NewCore(ModelLog log, DeliveryBounds bounds) =>
        new(new CoreStart(new MeshNo(7), log.NextPosition, log.Everyone), bounds);

    private void Restart(ModelLog from, Directory directory)
    {
        Input[] topics = [.. Topics()];
        inputs.Clear();
        inLog.Clear();
        questions.Clear();
        Log = from;
        Core = NewCore(from, bounds);
        Post(FromDirectory, new DirectoryChanged(directory));
        foreach (Input topic in topics)
            Post(FromDirectory, topic);
        Turn(1 + topics.Length);
    }

    private static void Write(Step step, Input[] taken)
    {
        foreach (Input input in taken)
            Trace!.WriteLine($"{step.No.Value} < {input}");
        foreach (Output output in step.Effects.Concat(step.Writes))
            Trace!.WriteLine($"{step.No.Value} > {output}");
    }

    private Input Take()
    {
        int index = dice.Below(inputs.Count);
        long source = NewsFirst && inputs.Exists(input => input.Source == FromLog) ? FromLog : inputs[index].Source;
        index = inputs.FindIndex(input => input.Source == source);
        Input input = inputs[index].Input;
        inputs.RemoveAt(index);
        return input;
    }
}
