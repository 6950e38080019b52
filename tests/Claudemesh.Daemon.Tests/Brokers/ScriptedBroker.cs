using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Daemon.Tests.Brokers;

/// <summary>
/// A broker in memory that does what a test tells it to: it loses connections, refuses, answers late, and pushes what no honest broker would.
/// It checks every signature that the real one checks.
/// </summary>
internal sealed partial class ScriptedBroker : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, Mesh> meshes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Connection, bool> connections = new();
    private long number;

    private ScriptedBroker(WebApplication app) => this.app = app;

    public string Address { get; private set; } = "";

    /// <summary>Every send, as it came.</summary>
    public ConcurrentQueue<Send> Sends { get; } = new();

    public ConcurrentQueue<MemberHello> Hellos { get; } = new();

    public ConcurrentQueue<ClientAck> Acknowledged { get; } = new();

    public ConcurrentQueue<MessageProgress> Progress { get; } = new();

    public ConcurrentQueue<SessionOpen> Sessions { get; } = new();

    /// <summary>Decides about a send before it is accepted: null accepts it; what never completes leaves it unanswered.</summary>
    public Func<Send, Task<MeshError?>> Judge { get; set; } = _ => Task.FromResult<MeshError?>(null);

    /// <summary>Changes a push on its way, as a dishonest broker would.</summary>
    public Func<Push, Push> Tamper { get; set; } = push => push;

    public int ConnectionCount => connections.Count;

    public static async Task<ScriptedBroker> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        WebApplication built = builder.Build();
        var broker = new ScriptedBroker(built);
        built.UseWebSockets();
        built.UseRouting();
        built.MapPost("/api/v1/workspaces", broker.CreateAsync);
        built.MapPost("/join", broker.JoinAsync);
        built.MapGet("/api/v1/invites/{id}", broker.LookAsync);
        built.MapGet("/api/v1/invites/{id}/log", broker.ReadLogAsync);
        built.MapPost("/api/v1/join", broker.JoinByLogAsync);
        built.MapGet("/ws", (RequestDelegate)broker.ConnectAsync);
        await built.StartAsync();
        broker.Address = built.Urls.First();
        return broker;
    }

    public void LoseConnections()
    {
        foreach (Connection connection in connections.Keys)
        {
            connections.TryRemove(connection, out _);
            connection.Socket.Abort();
        }
    }

    /// <summary>Pushes a made-up frame to everybody who is connected as that member.</summary>
    public async Task PushAsync(PublicKey member, Push push)
    {
        foreach (Connection connection in connections.Keys.Where(connection => connection.Member == member))
            await connection.PushAsync(push);
    }

    /// <summary>Forgets that a message was stored: it is pushed again to whoever connects.</summary>
    public void Forget(string messageId)
    {
        foreach (Mesh mesh in meshes.Values)
        {
            foreach ((string id, (Push push, bool _)) in mesh.Messages.Where(message => message.Value.Push.MessageId == messageId))
                mesh.Messages[id] = (push, false);
        }
    }

    /// <summary>Lists a member under another key from now on, as a broker that wants to stand in between would.</summary>
    public void ReplaceKey(string name, PublicKey key)
    {
        foreach (Mesh mesh in meshes.Values)
        {
            Member member = mesh.Members.Values.Single(one => one.DisplayName.Value == name);
            mesh.Members[member.Pubkey] = member with { Pubkey = key };
        }
    }

    public IEnumerable<PublicKey> Members => meshes.Values.SelectMany(mesh => mesh.Members.Values.Select(member => member.Pubkey));

    public async ValueTask DisposeAsync()
    {
        LoseConnections();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task TellHeadAsync(Mesh mesh)
    {
        foreach (Connection connection in connections.Keys)
            await connection.TellAsync(new LogHeadMoved("mesh", mesh.Log.State.Head.Seq, mesh.Log.State.Head.Hash));
    }

    private async Task ConnectAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        using var connection = new Connection(socket, this, Interlocked.Increment(ref number));
        try
        {
            await connection.RunAsync();
        }
        catch (Exception lost) when (lost is WebSocketException or IOException or OperationCanceledException)
        {
            // As the test wanted.
        }
        finally
        {
            connections.TryRemove(connection, out _);
        }
    }

    private sealed class Mesh(MeshId id, Slug slug, string name)
    {
        public MeshId Id => id;

        public Slug Slug => slug;

        public string Name => name;

        public ConcurrentDictionary<string, int> Invites { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<PublicKey, Member> Members { get; } = new();

        /// <summary>Everything accepted, by client id: what a real broker's database is for.</summary>
        public ConcurrentDictionary<string, (Push Push, bool Stored)> Messages { get; } = new(StringComparer.Ordinal);

        public long Position;

        public ScriptedLog Log { get; } = new(id);

        public Member Add(PublicKey key, DisplayName displayName, MemberRole role, string memberId) => Members.GetOrAdd(key, _ => new Member(
            MemberId.Parse(memberId), key, displayName, role, MemberKind.Person, DateTimeOffset.UnixEpoch, false, [], []));
    }

    private sealed class Connection(WebSocket socket, ScriptedBroker broker, long connectionNumber) : IDisposable
    {
        private readonly SemaphoreSlim sending = new(1, 1);
        private readonly byte[] challenge = RandomBytes.Next(HelloText.ChallengeSize);
        private Mesh mesh = null!;
        private long previous;

        public WebSocket Socket => socket;

        public PublicKey Member { get; private set; }

        public void Dispose() => sending.Dispose();

        public async Task RunAsync()
        {
            await WriteAsync(new Challenge(challenge, "scripted/1", []));
            var buffer = new byte[1024 * 1024];
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += received.Count;
                }
                while (!received.EndOfMessage);
                if (received.MessageType is WebSocketMessageType.Close)
                    return;

                byte[] frame = buffer[..length];
                Assert.True(FrameHead.TryScan(frame, out FrameHead head));
                await AnswerAsync(Encoding.UTF8.GetString(head.Type(frame)), Encoding.UTF8.GetString(head.RequestId(frame)), frame);
            }
        }

        public async Task PushAsync(Push push)
        {
            push = broker.Tamper(push with { Previous = push.Previous ?? previous });
            previous = push.Position ?? previous;
            await WriteAsync(push);
        }

        private static T Read<T>(byte[] frame)
            where T : class, IMessage
        {
            Assert.True(FrameReader.TryRead(frame, out T? message, out MeshError? fault), fault?.Message);
            return message;
        }

        private async Task AnswerAsync(string type, string requestId, byte[] frame)
        {
            switch (type)
            {
                case "member_hello":
                    await WelcomeAsync(Read<MemberHello>(frame), requestId);
                    break;
                case "list_members":
                    await WriteAsync(new MembersList([.. mesh.Members.Values]), requestId);
                    break;
                case "list_peers":
                    await WriteAsync(new PeersList([]), requestId);
                    break;
                case "invite_create":
                    var invite = Read<InviteCreate>(frame);
                    mesh.Invites[invite.Token] = invite.Uses;
                    await WriteAsync(new InviteCreated(InviteId.Parse("i1")), requestId);
                    break;
                case "session_open":
                    var session = Read<SessionOpen>(frame);
                    Assert.True(new SessionAttestation(session.Attestation, session.Proof).Verifies(
                        new SessionText(mesh.Id.Value, Member, session.SessionPubkey, session.SessionId.Value, session.ExpiresAt)));
                    broker.Sessions.Enqueue(session);
                    await WriteAsync(new SessionOpened(session.SessionId, session.SessionPubkey, "p1"), requestId);
                    break;
                case "session_close":
                    await WriteAsync(new SessionClosed(Read<SessionClose>(frame).SessionId), requestId);
                    break;
                case "message_states":
                    await WriteAsync(new MessageStatesResult([.. Read<MessageStates>(frame).MessageIds.Select(State)]), requestId);
                    break;
                case "send":
                    await TakeAsync(Read<Send>(frame));
                    break;
                case "client_ack":
                    await StoredAsync(Read<ClientAck>(frame));
                    break;
                case "message_progress":
                    broker.Progress.Enqueue(Read<MessageProgress>(frame));
                    break;
                case "log_read":
                    var read = Read<LogRead>(frame);
                    await WriteAsync(mesh.Log.Read(read.Scope, read.After, read.Count), requestId);
                    break;
                case "log_append":
                    await AppendAsync(Read<LogAppend>(frame), requestId);
                    break;
                case "copies_get":
                    await WriteAsync(mesh.Log.ReadCopies("mesh", Member), requestId);
                    break;
                case "copies_put":
                    await WriteAsync(new CopiesStored("mesh", mesh.Log.Put(Read<CopiesPut>(frame).Copies)), requestId);
                    break;
                default:
                    await WriteAsync(ErrorReply.From(MeshError.UnknownMessageType), requestId);
                    break;
            }
        }

        private async Task WelcomeAsync(MemberHello hello, string requestId)
        {
            broker.Hellos.Enqueue(hello);
            if (!broker.meshes.TryGetValue(hello.MeshId.Value, out Mesh? found) || !found.Members.TryGetValue(hello.Pubkey, out Member? member))
            {
                await WriteAsync(ErrorReply.From(MeshError.Unauthorized), requestId);
                return;
            }

            Assert.True(Ed25519.Verify(hello.Pubkey, new HelloText(hello.MeshId.Value, hello.Pubkey, challenge, hello.SentAt), hello.Signature));
            mesh = found;
            Member = hello.Pubkey;
            await WriteAsync(
                new MemberWelcome(
                    connectionNumber, member.MemberId, member.DisplayName, member.Role, mesh.Id, mesh.Slug, mesh.Name, "01", 1 << 20, 65536, 0, ["receipts"]),
                requestId);
            broker.connections[this] = true;
            foreach ((Push push, bool stored) in mesh.Messages.Values.OrderBy(message => message.Push.Position))
            {
                if (!stored && push.Target!.StartsWith(Member.ToString(), StringComparison.Ordinal))
                    await PushAsync(push);
            }
        }

        public Task TellAsync(LogHeadMoved moved) => WriteAsync(moved);

        private async Task AppendAsync(LogAppend append, string requestId)
        {
            if (mesh.Log.Append(append.Records, append.Copies, append.Packages) is { } refusal)
            {
                await WriteAsync(ErrorReply.From(refusal), requestId);
                return;
            }

            await WriteAsync(new LogAppended(append.Scope, mesh.Log.State.Head.Seq, mesh.Log.State.Head.Hash), requestId);
            await broker.TellHeadAsync(mesh);
        }

        private async Task TakeAsync(Send send)
        {
            broker.Sends.Enqueue(send);
            if (await broker.Judge(send) is { } refusal)
            {
                await WriteAsync(Ack.Refused(send.Id, refusal));
                return;
            }

            long position = Interlocked.Increment(ref mesh.Position);
            var push = new Push(
                $"{position:D32}", mesh.Id, Member.ToString(), send.Nonce, send.Ciphertext, DateTimeOffset.UnixEpoch, Priority: send.Priority,
                SenderMemberPubkey: Member, SenderMemberId: mesh.Members[Member].MemberId, SenderName: mesh.Members[Member].DisplayName.Value,
                ClientMessageId: send.ClientMessageId, BodyVersion: send.BodyVersion, Header: send.Header, Target: send.TargetSpec, Position: position);
            bool fresh = mesh.Messages.TryAdd(send.ClientMessageId!, (push, false));
            push = mesh.Messages[send.ClientMessageId!].Push;
            bool isShared = send.TargetSpec[0] is '*' or '@' or 't';
            PublicKey[] recipients = isShared
                ? [.. mesh.Members.Keys.Where(key => key != Member)]
                : [PublicKey.Parse(send.TargetSpec.AsSpan(0, PublicKey.HexLength))];
            await WriteAsync(new Ack(send.Id!, push.MessageId, true, Recipients: recipients.Length, Again: fresh ? null : true));
            foreach (PublicKey recipient in fresh ? recipients : [])
                await broker.PushAsync(recipient, push);
        }

        private async Task StoredAsync(ClientAck ack)
        {
            broker.Acknowledged.Enqueue(ack);
            foreach ((string id, (Push push, bool stored)) in mesh.Messages)
            {
                if (stored || push.MessageId != ack.BrokerMessageId)
                    continue;

                mesh.Messages[id] = (push, true);
                var receipt = new Receipt(MessageId.Parse(push.MessageId), 1, 1, 0, 0, 0, 0, push.ClientMessageId);
                foreach (Connection sender in broker.connections.Keys.Where(connection => connection.Member == push.SenderMemberPubkey))
                    await sender.WriteAsync(receipt);
            }
        }

        private MessageStateRow State(MessageId id)
        {
            bool stored = mesh.Messages.Values.Any(message => message.Stored && message.Push.MessageId == id.Value);
            return new MessageStateRow(id, true, 1, stored ? 1 : 0, 0, 0, 0, 0);
        }

        private async Task WriteAsync<T>(T message, string requestId = "")
            where T : class, IMessage
        {
            var buffer = new ArrayBufferWriter<byte>();
            FrameWriter.Write(buffer, message, Encoding.UTF8.GetBytes(requestId));
            await sending.WaitAsync();
            try
            {
                await socket.SendAsync(buffer.WrittenMemory, WebSocketMessageType.Text, true, CancellationToken.None);
            }
            finally
            {
                sending.Release();
            }
        }
    }
}
