using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Claudemesh.Protocol;

namespace Claudemesh.Microbench;

/// <summary>The four frames of a direct message, as the broker reads and writes them.</summary>
public class FrameBench
{
    private const string ClientId = "01890a5d-ac96-774b-bcce-b302099a8057";
    private const string Key = "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7";

    private readonly ArrayBufferWriter<byte> output = new(4096);
    private readonly byte[] messageId = Encoding.ASCII.GetBytes("000000010123456789abcdefABCDEF01");
    private readonly byte[] clientId = Encoding.ASCII.GetBytes(ClientId);
    private readonly byte[] senderKey = Convert.FromHexString(Key);
    private readonly byte[] nonce = new byte[24];
    private readonly byte[] body = new byte[272];
    private readonly byte[] fingerprint = new byte[32];
    private readonly MeshId mesh = MeshId.Parse("0123456789abcdefghijABCDEFGHIJ01");
    private byte[] send = [];
    private byte[] acknowledgement = [];

    [GlobalSetup]
    public void WriteFrames()
    {
        send = Encoding.UTF8.GetBytes(
            $$"""{"type":"send","id":"{{ClientId}}","client_message_id":"{{ClientId}}","targetSpec":"{{Key}}","priority":"next","nonce":"{{Convert.ToBase64String(nonce)}}","ciphertext":"{{Convert.ToBase64String(body)}}","request_fingerprint":"{{Convert.ToHexStringLower(fingerprint)}}"}""");
        acknowledgement = Encoding.UTF8.GetBytes($$"""{"type":"client_ack","clientMessageId":"{{ClientId}}","brokerMessageId":"{{Encoding.ASCII.GetString(messageId)}}"}""");
    }

    [Benchmark]
    public bool ReadSend() => FrameHead.TryScan(send, out _) && SendReader.TryRead(send, out _, out _);

    [Benchmark]
    public bool ReadClientAck() => FrameHead.TryScan(acknowledgement, out _) && ClientAckReader.TryRead(acknowledgement, out _, out _);

    [Benchmark]
    public int WriteAck()
    {
        output.ResetWrittenCount();
        AckWriter.WriteAccepted(output, ClientId, messageId, 1, again: false);
        return output.WrittenCount;
    }

    [Benchmark]
    public int WritePush()
    {
        output.ResetWrittenCount();
        PushParts parts = new()
        {
            MessageId = messageId,
            MeshId = mesh,
            SenderKey = senderKey,
            Nonce = nonce,
            Ciphertext = body,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Priority = Priority.Next,
            ClientMessageId = clientId,
            RequestFingerprint = fingerprint,
        };
        PushWriter.Write(output, parts, default);
        return output.WrittenCount;
    }
}
