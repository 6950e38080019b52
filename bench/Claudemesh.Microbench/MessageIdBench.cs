using BenchmarkDotNet.Attributes;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Microbench;

/// <summary>The public id of a message, made for each push and found again for each acknowledgement.</summary>
public class MessageIdBench
{
    private static readonly MeshNo Mesh = new(7);

    private readonly byte[] text = new byte[MessageId.Length];
    private readonly MessageRef message = new(Mesh, 123_456);
    private readonly MessageIds ids = new(Mesh, new HmacSha256Key(new byte[32]), [new Incarnation(1, new byte[16])]);
    private MessageId id;

    [GlobalSetup]
    public void MakeId() => id = ids.Of(message);

    [Benchmark]
    public byte Write()
    {
        ids.Write(message, text);
        return text[^1];
    }

    [Benchmark]
    public bool Find() => ids.TryFind(id, out _);
}
