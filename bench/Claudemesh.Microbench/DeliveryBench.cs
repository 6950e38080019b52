using BenchmarkDotNet.Attributes;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Microbench;

/// <summary>
/// A message in the core, without shell and store: submitted, committed, pushed and acknowledged, in batches as they form under load.
/// </summary>
public class DeliveryBench
{
    private const int BatchMessages = 64;

    private static readonly MemberNo Alice = new(11);
    private static readonly MemberNo Bob = new(12);
    private static readonly MailboxNo BobsMailbox = new(112);
    private static readonly ConnectionNo AlicesConnection = new(1);
    private static readonly ConnectionNo BobsConnection = new(2);
    private static readonly ReaderNo BobsReader = new(120);
    private static readonly Instant Now = new(1_700_000_000_000_000);

    private readonly byte[] nonce = new byte[24];
    private readonly byte[] body = new byte[272];
    private readonly byte[] senderKey = new byte[32];
    private readonly Input[] submits = new Input[BatchMessages];
    private readonly Input[] acknowledgements = new Input[BatchMessages];
    private readonly Address to = new Address.Direct(BobsMailbox, Bob);
    private readonly string target = new('a', 64);
    private readonly DeliveryCore core = new(new CoreStart(new MeshNo(7), 1, new MailboxNo(1)), new DeliveryBounds());
    private long tickets;

    [GlobalSetup]
    public void Connect()
    {
        Answer(core.Step(
            [
                new DirectoryChanged(Broker.Messaging.Delivery.Directory.Empty),
                new Attach(BobsConnection, BobsReader, ReaderKind.Legacy, Bob, LaneGate.All, new Source(BobsMailbox, null), [], Receipts: false),
            ],
            Now));
    }

    [Benchmark(OperationsPerInvoke = BatchMessages)]
    public int SubmitCommitPushAcknowledge()
    {
        for (int at = 0; at < BatchMessages; at++)
        {
            byte[] id = new byte[16];
            BitConverter.TryWriteBytes(id, ++tickets);
            submits[at] = new Submit(
                new Origin(AlicesConnection, tickets, Alice, null),
                to,
                Lane.Next,
                new Envelope(senderKey, target, 0, null, nonce, body),
                new ClientKey(id, null),
                ReplyTo: null,
                Earlier: null);
        }

        Step accepted = Answer(core.Step(submits, Now));
        Step pushed = core.Step([new Committed(accepted.No)], Now);
        int acknowledged = 0;
        foreach (Output effect in pushed.Effects)
        {
            if (effect is Push push)
                acknowledgements[acknowledged++] = new Acknowledge(BobsConnection, push.Message.Id, null, BobsReader);
        }

        if (acknowledged != BatchMessages)
            throw new InvalidOperationException($"{acknowledged} of {BatchMessages} messages were pushed.");

        return core.Step(acknowledgements, Now).Writes.Count;
    }

    /// <summary>The store knows of nothing before.</summary>
    private Step Answer(Step step)
    {
        while (true)
        {
            Input[] answers =
            [
                .. step.Effects.OfType<Ask>().Select(ask => new MailboxFacts(ask.Mailbox, new LaneFacts([0, 0, 0], [0, 0, 0], [], 0))),
                .. step.Effects.OfType<Fetch>().Select(fetch => new Page(fetch.No, [], Full: false)),
            ];
            if (answers.Length == 0)
                return step;

            step = core.Step(answers, Now);
        }
    }
}
