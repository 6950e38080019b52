using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Migrating;

/// <summary>What a broker knows of a 1.x member.</summary>
/// <param name="Waiting">Messages that wait for it, as many as the broker shows at once.</param>
/// <param name="HasLog">Whether the workspace has a signed log.</param>
/// <param name="InLog">Whether that has the member.</param>
internal sealed record PeekedMember(string MemberId, string DisplayName, string Role, int Waiting, bool HasLog, bool InLog);

/// <summary>
/// Looks at a member as a 1.x verb would, so that nothing is different afterwards: our own hello would tell the broker that a client of ours is there. Nothing that
/// is pushed is acknowledged. The others see the member for that moment.
/// </summary>
internal sealed class LegacyPeek(TimeProvider clock)
{
    private const int FrameBytesMax = 8 * 1024 * 1024;
    private const int PagesMax = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // What waits is pushed unasked. The count is for a person to look at; when nothing has come for so long, it is what there is.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    public async Task<LocalReply<PeekedMember>> LookAsync(LegacyMembership member, CancellationToken cancellationToken)
    {
        string address = BrokerHttp.AddressOf(member.Broker);
        using var longest = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        using var socket = new ClientWebSocket();
        socket.Options.Proxy = SystemProxy.Instance;
        try
        {
            await socket.ConnectAsync(member.Broker.Socket, either.Token);
            var conversation = new Conversation(socket, either.Token);
            LocalReply<PeekedMember> seen = await conversation.HoldAsync(member, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return seen.Value is { } known ? known with { Waiting = await conversation.CountAsync(clock) } : seen;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblems.Unreachable(address, "It did not answer in time.");
        }
        catch (Exception error) when (error is WebSocketException or IOException or HttpRequestException)
        {
            return BrokerProblems.Unreachable(address, DialFault.Of(error, member.Broker.Socket, SystemProxy.Instance).Advice);
        }
    }

    private sealed class Conversation(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        private readonly byte[] buffer = new byte[FrameBytesMax];
        private int waiting;

        public async Task<LocalReply<PeekedMember>> HoldAsync(LegacyMembership member, long now)
        {
            using MemberSecretKey key = MemberSecretKey.FromSeed(member.Seed);
            string signature = Convert.ToHexStringLower(key.Sign(new LegacyHello(member.MeshId, member.MemberId, member.Key, now)));
            var hello = new Hello(
                member.MeshId, member.MemberId, member.Key.ToString(), RandomBytes.NextId(), Environment.ProcessId, now, signature, Channel: "claudemesh-migrate");
            LocalReply<HelloAck> welcome = await AskAsync<Hello, HelloAck>(hello);
            if (welcome.Value is not { } ack)
                return welcome.Problem!;

            LocalReply<MembersList> listed = await AskAsync<ListMembers, MembersList>(new ListMembers());
            if (listed.Value?.Members.FirstOrDefault(one => one.Pubkey == member.Key) is not { } self)
                return listed.Problem ?? BrokerProblems.Refused("", "it does not list the member that it let in.");

            LocalReply<Membership> log = await ReadLogAsync(member.MeshId);
            return log.Value is { } state
                ? new PeekedMember(
                    self.MemberId.Value, ack.MemberDisplayName, self.Role.ToString().ToLowerInvariant(), Waiting: 0, state.Head.Seq > 0, state.Members.ContainsKey(member.Key))
                : log.Problem!;
        }

        /// <summary>Counts what is pushed until nothing comes any more, and takes leave, so that no peer is left behind.</summary>
        public async Task<int> CountAsync(TimeProvider clock)
        {
            Task<ReadOnlyMemory<byte>> reading = ReadAsync();
            while (await Task.WhenAny(reading, Task.Delay(Quiet, clock, cancellationToken)) == reading && await reading is { Length: > 0 } frame)
            {
                Count(frame.Span);
                reading = ReadAsync();
            }

            if (socket.State is WebSocketState.Open)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
            while (await reading is { Length: > 0 } late)
            {
                Count(late.Span);
                reading = ReadAsync();
            }

            return waiting;
        }

        /// <summary>Posts are in their topics anyway.</summary>
        private void Count(ReadOnlySpan<byte> frame)
        {
            if (FrameHead.TryScan(frame, out FrameHead head) && Is<Push>(head, frame) && FrameReader.TryRead(frame, out Push? push, out _) && push is { Subtype: null, Topic: null })
                waiting++;
        }

        private async Task<LocalReply<Membership>> ReadLogAsync(string meshId)
        {
            var log = new HeldLog(meshId, RootReference.MeshScope, pin: null);
            for (int page = 0; page < PagesMax; page++)
            {
                LocalReply<LogPage> read = await AskAsync<LogRead, LogPage>(new LogRead(RootReference.MeshScope, log.State.Head.Seq));
                if (read.Value is not { } found)
                    return read.Problem!;
                if (log.Read(found.Records) is not LogReading.Extended || log.State.Head.Seq >= found.Seq)
                    break;
            }

            return log.State;
        }

        private async Task<LocalReply<TReply>> AskAsync<TRequest, TReply>(TRequest request)
            where TRequest : class, IMessage
            where TReply : class, IMessage
        {
            var frame = new ArrayBufferWriter<byte>();
            FrameWriter.Write(frame, request, Encoding.ASCII.GetBytes(TRequest.WireType));
            await socket.SendAsync(frame.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            while (await ReadAsync() is { Length: > 0 } answer)
            {
                if (!FrameHead.TryScan(answer.Span, out FrameHead head))
                    continue;
                if (Is<TReply>(head, answer.Span))
                    return FrameReader.TryRead(answer.Span, out TReply? reply, out MeshError? fault) ? reply : BrokerProblems.Refused("", fault.Message);
                if (Is<ErrorReply>(head, answer.Span) && FrameReader.TryRead(answer.Span, out ErrorReply? refused, out _))
                    return BrokerProblems.Refused(refused.Code, refused.Message);
                Count(answer.Span);
            }

            return BrokerProblems.Refused("", $"it closed the connection ({socket.CloseStatusDescription}).");
        }

        private static bool Is<T>(FrameHead head, ReadOnlySpan<byte> frame)
            where T : IMessage => Ascii.Equals(head.Type(frame), T.WireType);

        private async Task<ReadOnlyMemory<byte>> ReadAsync()
        {
            int length = 0;
            while (true)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType is WebSocketMessageType.Close || (length += part.Count) == buffer.Length)
                    return default;
                if (part.EndOfMessage)
                    return buffer.AsMemory(0, length);
            }
        }
    }
}
