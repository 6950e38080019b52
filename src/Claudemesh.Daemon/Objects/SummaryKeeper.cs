using System.Threading.Channels;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// The line that says what one works on, as a sealed object: the member's under its key, a session's under that and the session's id. The broker is
/// told nothing that it could read. What could not be written is written when there is a connection, and a key, again.
/// </summary>
internal sealed partial class SummaryKeeper : IDisposable
{
    private readonly WorkspaceRow row;
    private readonly PublicKey key;
    private readonly SelfBook self;
    private readonly SessionBoard sessions;
    private readonly SharedObjects objects;
    private readonly ILogger logger;
    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim turn = new(1, 1);

    public SummaryKeeper(
        WorkspaceRow row, MemberIdentity identity, SelfBook self, SessionBoard sessions, SharedObjects objects, WorkspaceKeys keys, ILogger<SummaryKeeper> logger)
    {
        this.row = row;
        this.self = self;
        this.sessions = sessions;
        this.objects = objects;
        this.logger = logger;
        key = identity.Public;
        keys.WhenChanged(_ => Wake());
        sessions.WhenAnnounced = Wake;
    }

    public static string NameOf(PublicKey member, string? session) => session is null or SelfBook.Member ? member.ToString() : $"{member}/{session}";

    /// <summary>Whether everything that was said is at the broker.</summary>
    public bool IsTold(string session) => Kept(session) == self.Find(session).Summary;

    /// <summary>What was said may not be written yet.</summary>
    public void Wake() => wakes.Writer.TryWrite(true);

    /// <summary>Writes what is said, if it is not what was written last.</summary>
    /// <returns>Whether it is written.</returns>
    public async Task<bool> TellAsync(string session, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            string? said = self.Find(session).Summary;
            if (Kept(session) == said)
                return true;

            MessageBody body = said is null ? ObjectBodies.Deleted : new MessageBody(MessageBody.TypeText, said);
            LocalReply<KeptObject> written = await objects.PutAsync(ObjectKind.Summary, NameOf(key, session), body, after: null, cancellationToken);
            if (written.Problem is { } problem)
                LogNotWritten(row.Slug, problem.Error);
            return written.Succeeded;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Runs until the connection ends; begins when it is woken.</summary>
    public async Task RunAsync(CancellationToken connected)
    {
        while (await wakes.Reader.WaitToReadAsync(connected))
        {
            wakes.Reader.TryRead(out _);
            foreach (string session in sessions.Known.Prepend(SelfBook.Member).ToArray())
                await TellAsync(session, connected);
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>What the others see now. Somebody else's word under this name is not what was said here.</summary>
    private string? Kept(string session) =>
        objects.Find(new ObjectId(ObjectKind.Summary, Plain: false, NameOf(key, session))) is { HasValue: true } kept
            ? kept.Author == key.ToString() ? kept.Text : ""
            : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the summary is kept here and not written yet: {Reason}")]
    private partial void LogNotWritten(string workspace, string reason);
}
