using System.Buffers;
using System.Text;

namespace Claudemesh.Protocol.Tests.Messaging;

/// <summary>The four messages that a broker reads and writes for every direct message, and what they cost.</summary>
public sealed class HotMessageTests
{
    private const string MessageIdText = "2v54VMZdprZkf2z6Tj03tyugnf7jkuDz";
    private static readonly MeshId Mesh = MeshId.Parse("5hEPsPdn527qgu13PT7ffPra3W1wTS1n");
    private static readonly PublicKey Sender = PublicKey.Parse("067258b1496103909123e0ce2d17786b2702059e3c754798b7d53c176105f800");
    private static readonly PublicKey Member = PublicKey.Parse("1907d45e693e0a9d65d73a0c09c41ccd98e6d889bf4dee282767cf6c9d2099a6");
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1795411815933);

    [Theory]
    [InlineData("alice", null)]
    [InlineData("Zoë \"the\" <b>+</b>\n\\ 🦊", "r1\\u00e9")]
    public void A_push_written_from_its_parts_has_the_bytes_of_the_record(string name, string? session)
    {
        SessionId? sessionId = session is null ? null : SessionId.Parse("daemon-1");
        byte[] nonce = [.. Enumerable.Range(0, 24).Select(value => (byte)(value * 11))];
        byte[] body = [.. Enumerable.Range(0, 271).Select(value => (byte)(value * 7))];
        byte[] header = [0, 255, 254, 62, 63];
        byte[] fingerprint = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];
        Push record = new(
            MessageIdText, Mesh, Sender.ToString(), nonce, body, At, Priority: Priority.Next, SenderMemberPubkey: Member,
            SenderMemberId: MemberId.Parse("abc"), SenderName: name, ClientMessageId: name, RequestFingerprint: fingerprint, Topic: name,
            ReplyToId: MessageIdText, BodyVersion: 3, Header: header, Target: "@" + name, Position: 7, Previous: 0, Again: true, SessionId: sessionId);

        ArrayBufferWriter<byte> to = new();
        PushParts parts = new()
        {
            MessageId = MessageId.Parse(MessageIdText).Utf8,
            MeshId = Mesh,
            SenderKey = Sender.Span,
            Nonce = nonce,
            Ciphertext = body,
            CreatedAt = At,
            Priority = Priority.Next,
            SenderMemberKey = Member.Span,
            SenderMemberId = MemberId.Parse("abc"),
            SenderName = name,
            ClientMessageId = Encoding.UTF8.GetBytes(name),
            RequestFingerprint = fingerprint,
            Topic = name,
            ReplyToId = Encoding.UTF8.GetBytes(MessageIdText),
            BodyVersion = 3,
            Header = header,
            Target = "@" + name,
        };
        PushWriter.Write(to, parts, new PushTail(7, 0, Again: true, sessionId));

        Assert.Equal(WireMessages.Write(record, ""), Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void A_1x_push_written_from_its_parts_has_the_bytes_of_the_record()
    {
        Push record = new(MessageIdText, Mesh, Sender.ToString(), [], [1, 2], At, Priority: Priority.Low);
        ArrayBufferWriter<byte> to = new();
        PushWriter.Write(to, SmallParts([1, 2]), default);
        Assert.Equal(WireMessages.Write(record, ""), Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void One_head_serves_many_tails()
    {
        ArrayBufferWriter<byte> head = new();
        PushWriter.WriteHead(head, SmallParts([1, 2]));
        foreach (long previous in (long[])[0, 8, long.MaxValue])
        {
            ArrayBufferWriter<byte> frame = new();
            frame.Write(head.WrittenSpan);
            PushWriter.WriteTail(frame, new PushTail(long.MaxValue, previous, Again: true, SessionId.Parse(new string('s', 64))));

            Assert.True(FrameReader.TryRead(frame.WrittenSpan, out Push? push, out _));
            Assert.Equal((long.MaxValue, previous), (push.Position, push.Previous));
            Assert.True(frame.WrittenCount - head.WrittenCount <= PushWriter.TailBytesMax);
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("019ab0f4-6b1c-7c3e-9b1d-1f2e3d4c5b6a", "r\\\"1")]
    [InlineData("q\"\\ é + / 🦊", "")]
    public void An_ack_written_from_its_parts_has_the_bytes_of_the_record(string id, string requestId)
    {
        ArrayBufferWriter<byte> to = new();
        byte[] request = Encoding.UTF8.GetBytes(requestId);

        AckWriter.WriteAccepted(to, id, Encoding.UTF8.GetBytes(MessageIdText), 3, again: false, request);
        Assert.Equal(WireMessages.Write(new Ack(id, MessageIdText, true, Recipients: 3), requestId), Encoding.UTF8.GetString(to.WrittenSpan));

        to.ResetWrittenCount();
        AckWriter.WriteAccepted(to, id, Encoding.UTF8.GetBytes(MessageIdText), 1, again: true, request);
        Assert.Equal(WireMessages.Write(new Ack(id, MessageIdText, true, Recipients: 1, Again: true), requestId), Encoding.UTF8.GetString(to.WrittenSpan));

        to.ResetWrittenCount();
        AckWriter.WriteRefused(to, id, MeshError.NoConnectedPeer, request);
        Assert.Equal(WireMessages.Write(Ack.Refused(id, MeshError.NoConnectedPeer), requestId), Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Theory]
    [InlineData("""{"type":"send","targetSpec":"*","nonce":"","ciphertext":"aGk="}""")]
    [InlineData("""{"type":"send","targetSpec":"*","nonce":"","ciphertext":"aGk=","x":{"targetSpec":[1,{"y":null}]},"_reqId":"r"}""")]
    [InlineData("""{"ciphertext":"aGk=","nonce":"aGk=","targetSpec":"@ops","id":"a","client_message_id":"b","priority":"low","bodyVersion":1}""")]
    [InlineData("""{"targetSpec":"\u002a","nonce":"","ciphertext":"a\/k="}""")]
    [InlineData("""{"t\u0061rgetSpec":"*","nonce":"","ciphertext":"aGk=","mentions":["bob"]}""")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"aGk=","priority":null,"header":null,"bodyVersion":null,"id":null,"sessionId":null}""")]
    public void The_quick_reader_reads_what_the_generated_one_reads(string frame)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(frame);
        Assert.True(FrameReader.TryRead(utf8, out Send? expected, out _));
        Assert.True(SendReader.TryRead(utf8, out Send? send, out _));
        Assert.Equal(WireMessages.Write(expected, ""), WireMessages.Write(send, ""));
    }

    [Theory]
    [InlineData("""{"nonce":"","ciphertext":"aGk="}""", "targetSpec must be given")]
    [InlineData("""{"id":"s1"}""", "ciphertext, nonce, targetSpec must be given")]
    [InlineData("""{"targetSpec":null,"nonce":"","ciphertext":"aGk="}""", "targetSpec is missing, null")]
    [InlineData("""{"targetSpec":"*","nonce":"","nonce":"","ciphertext":"aGk="}""", "nonce is missing, null, given twice")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"aGl="}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"aGk"}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"aG k="}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"aGk=\n"}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"_-__"}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"===="}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"\ud800"}""", "ciphertext must be standard base64")]
    [InlineData("""{"targetSpec":"\ud800","nonce":"","ciphertext":""}""", "targetSpec is missing, null")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","priority":"Next"}""", "priority must be one of now, next, low")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","priority":1}""", "priority must be one of now, next, low")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","bodyVersion":"3"}""", "bodyVersion is missing, null, given twice or of the wrong type")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","bodyVersion":99999999999}""", "bodyVersion is missing, null, given twice or of the wrong type")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","bodyVersion":4}""", "bodyVersion must be 1, 2 or 3")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","bodyVersion":0}""", "bodyVersion must be 1, 2 or 3")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","bodyVersion":3}""", "header must be given with bodyVersion 3")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","sessionId":"a b"}""", "sessionId must be 1 to 64 letters")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","request_fingerprint":"ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD"}""", "request_fingerprint must be 64 lower-case")]
    [InlineData("""{"targetSpec":"*","nonce":"","ciphertext":"","mentions":["a",null]}""", "mentions must be a list of texts")]
    public void A_send_that_breaks_a_rule_is_refused_with_the_field_and_the_rule(string frame, string expected)
    {
        Assert.False(SendReader.TryRead(Encoding.UTF8.GetBytes(frame), out _, out MeshError? refusal));
        Assert.Equal("invalid_args", refusal.Code);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"client_ack"}""")]
    [InlineData("""{"type":"client_ack","brokerMessageId":"nosuch"}""")]
    [InlineData("""{"clientMessageId":"\u0061","brokerMessageId":null,"sessionId":"s"}""")]
    [InlineData("""{"clientMessageId":"a","brokerMessageId":"b","sessionId":"s","extra":[{}]}""")]
    public void The_quick_reader_of_acknowledgements_reads_what_the_generated_one_reads(string frame)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(frame);
        Assert.True(FrameReader.TryRead(utf8, out ClientAck? expected, out _));
        Assert.True(ClientAckReader.TryRead(utf8, out ClientAck? ack, out _));
        Assert.Equal(expected, ack);
    }

    [Fact]
    public void The_quick_reader_leaves_out_the_client_id_beside_a_broker_id_that_wins()
    {
        byte[] utf8 = Encoding.UTF8.GetBytes($$"""{"clientMessageId":"a","brokerMessageId":"{{MessageIdText}}"}""");
        Assert.True(ClientAckReader.TryRead(utf8, out ClientAck? ack, out _));
        Assert.Equal(new ClientAck(BrokerMessageId: MessageIdText), ack);
    }

    [Theory]
    [InlineData("""{"brokerMessageId":7}""")]
    [InlineData("""{"brokerMessageId":"a","brokerMessageId":"b"}""")]
    [InlineData("""{"sessionId":"a/b"}""")]
    public void An_acknowledgement_that_breaks_a_rule_is_refused(string frame)
    {
        Assert.False(ClientAckReader.TryRead(Encoding.UTF8.GetBytes(frame), out _, out MeshError? refusal));
        Assert.Equal("invalid_args", refusal.Code);
    }

    [Fact]
    public void Reading_and_writing_the_four_messages_of_one_delivery_allocates_at_most_1000_bytes()
    {
        byte[] body = new byte[272];
        byte[] send = Encoding.UTF8.GetBytes(
            $$"""{"type":"send","id":"019ab0f4-6b1c-7c3e-9b1d-1f2e3d4c5b6a","client_message_id":"019ab0f4-6b1c-7c3e-9b1d-1f2e3d4c5b6a","request_fingerprint":"405241b2f8669c90ebd2ea6998c73bdcb624490966390eaca7118c02758de7ed","targetSpec":"{{Member}}","priority":"next","nonce":"BBWkZjxV5MgZ1/rCX8q9XxOt9iltOB0Z","ciphertext":"{{Convert.ToBase64String(body)}}"}""");
        byte[] acknowledge = Encoding.UTF8.GetBytes(
            $$"""{"type":"client_ack","clientMessageId":"019ab0f4-6b1c-7c3e-9b1d-1f2e3d4c5b6a","brokerMessageId":"{{MessageIdText}}"}""");
        MessageId id = MessageId.Parse(MessageIdText);
        ArrayBufferWriter<byte> to = new(64 * 1024);

        void Deliver()
        {
            to.ResetWrittenCount();
            Assert.True(FrameHead.TryScan(send, out _));
            SendReader.TryRead(send, out Send? message, out _);
            AckWriter.WriteAccepted(to, message!.Id, id.Utf8, 1, again: false);
            PushParts parts = new()
            {
                MessageId = id.Utf8,
                MeshId = Mesh,
                SenderKey = Sender.Span,
                Nonce = message.Nonce,
                Ciphertext = message.Ciphertext,
                CreatedAt = At,
                Priority = message.Priority,
                ClientMessageId = "019ab0f4-6b1c-7c3e-9b1d-1f2e3d4c5b6a"u8,
                RequestFingerprint = message.RequestFingerprint,
            };
            PushWriter.Write(to, parts, default);
            Assert.True(FrameHead.TryScan(acknowledge, out _));
            ClientAckReader.TryRead(acknowledge, out _, out _);
        }

        Deliver();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
            Deliver();

        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} B a message");
        Assert.InRange(each, 1, 1000);
    }

    private static PushParts SmallParts(ReadOnlySpan<byte> body) => new()
    {
        MessageId = "2v54VMZdprZkf2z6Tj03tyugnf7jkuDz"u8,
        MeshId = Mesh,
        SenderKey = Sender.Span,
        Nonce = [],
        Ciphertext = body,
        CreatedAt = At,
        Priority = Priority.Low,
    };
}
