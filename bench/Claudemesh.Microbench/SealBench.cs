using BenchmarkDotNet.Attributes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Microbench;

/// <summary>
/// One message of ours, encrypted and signed by its sender and opened by its reader: direct, of two that have met before, and to a topic.
/// The figure is 150 µs for writing one.
/// </summary>
public class SealBench : IDisposable
{
    private const string Mesh = "0123456789abcdefghijABCDEFGHIJ01";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    private readonly MemberSecretKey alice = MemberSecretKey.Generate();
    private readonly MemberSecretKey bob = MemberSecretKey.Generate();
    private readonly MessageBody body = new("text", new string('x', 200));
    private readonly PairKeys ofAlice;
    private readonly PairKeys ofBob;
    private readonly MessageHeader header;
    private readonly MessageFrame frame;
    private readonly SealedMessage message;
    private readonly RootHistory roots = new();
    private readonly Membership log;
    private readonly MessageHeader topicHeader;
    private readonly MessageFrame topicFrame;
    private readonly SealedMessage post;

    public SealBench()
    {
        ofAlice = new PairKeys(alice.Key, Mesh);
        ofBob = new PairKeys(bob.Key, Mesh);
        header = new MessageHeader(
            Mesh, new TargetSpec.Direct(bob.Public), alice.Public, null, "01890a5d-ac96-774b-bcce-b302099a8057", Now.ToUnixTimeMilliseconds(), null, Priority.Next, "", null);
        frame = new MessageFrame(Mesh, bob.Public.ToString(), alice.Public, alice.Public, header.ClientMessageId, Priority.Next);
        message = SealDirect() ?? throw new InvalidOperationException("Nothing was sealed.");

        log = LogSample.Start(alice, Mesh, Now.ToUnixTimeMilliseconds(), roots);
        topicHeader = header with { Target = new TargetSpec.Topic("topic1"), Root = log.FindRoot(1) };
        topicFrame = frame with { TargetSpec = "#topic1" };
        post = SealTopic();
    }

    [Benchmark]
    public SealedMessage? SealDirect() => MessageSeal.TrySealDirect(alice, ofAlice, header, body, out SealedMessage? made) ? made : null;

    [Benchmark]
    public OpenedMessage? OpenDirect() => MessageSeal.OpenDirect(bob.Public, ofBob, frame, message, Now, out OpenedMessage? opened) == MessageRefusal.None
        ? opened
        : throw new InvalidOperationException("It did not open.");

    [Benchmark]
    public SealedMessage SealTopic() => MessageSeal.SealShared(alice, roots.Newest!, topicHeader, body);

    [Benchmark]
    public OpenedMessage? OpenTopic() => MessageSeal.OpenShared(log, roots, topicFrame, post, out OpenedMessage? opened) == MessageRefusal.None
        ? opened
        : throw new InvalidOperationException("It did not open.");

    public void Dispose()
    {
        roots.Dispose();
        ofAlice.Dispose();
        ofBob.Dispose();
        alice.Dispose();
        bob.Dispose();
        GC.SuppressFinalize(this);
    }
}
