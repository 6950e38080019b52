using System.Net;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Streams;

/// <summary>
/// Opens a stream and stays with it to its end. An idle one is its request and nothing else: no timer, no task, no query.
/// </summary>
internal sealed class StreamEndpoint(
    OpenStreams open, StreamPages pages, StreamMetrics metrics, SocketMetrics sockets, TimeProvider clock)
{
    public const string After = "after";
    public const string LastEventId = "Last-Event-ID";

    /// <summary>In place of an id: from the very first message on.</summary>
    public const string Beginning = "0";

    /// <summary>How long a reader has to take what waits for him, once the stream ends.</summary>
    private static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(5);

    public async Task HandleAsync(RestCall call)
    {
        (long? from, MeshError? refusal) = FindPlace(call);
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        if (HttpMethods.IsHead(call.Http.Request.Method))
        {
            SetHeaders(call.Http.Response);
            return;
        }

        IPAddress address = ClientAddress.Of(call.Http);
        TopicStream stream = Make(call);
        if (await open.TryAddAsync(stream, address, call.Aborted) is { } tooMany)
        {
            await call.RefuseAsync(tooMany);
            return;
        }

        using IDisposable here = call.Workspace.Visitors.Hold(call.Caller.MemberNo);
        try
        {
            call.Workspace.Streams.Add(stream);
            if (stream.Ending is { } already)
            {
                await call.RefuseAsync(already);
                return;
            }

            using CancellationTokenRegistration gone = call.Aborted.UnsafeRegister(static self => ((TopicStream)self!).End(), stream);
            Begin(call, stream, from);
            while (!stream.IsEnded)
            {
                await stream.WokenAsync();
                await CatchUpAsync(call, stream);
            }

            await EndAsync(call, stream);
        }
        finally
        {
            // The response is not to be touched once this has returned.
            stream.Outbox.Abandon();
            await stream.Outbox.IdleAsync();
            call.Workspace.Streams.Remove(stream);
            open.Remove(stream, address);
        }
    }

    /// <summary>The header, which a browser sends when it comes again, goes before what the address says.</summary>
    private static (long? From, MeshError? Refusal) FindPlace(RestCall call)
    {
        string? given = call.Text(After, WireId.CharsMax);
        if (call.Fault is not null)
            return (null, call.Fault);
        if (call.Http.Request.Headers.TryGetValue(LastEventId, out var header))
            given = header.ToString();
        if (given is null)
            return (null, null);
        if (given == Beginning)
            return (0, null);

        return MessageId.TryParse(given, out MessageId id) && call.Workspace.Ids.TryFind(id, out MessageRef place)
            ? (place.Position, null)
            : (null, MeshError.CursorElsewhere.With($"The place to go on from is invalid: it is no id of a message of this workspace. Take that of an event of this stream, or {Beginning} for the beginning."));
    }

    private static void SetHeaders(HttpResponse response)
    {
        response.ContentType = StreamFrames.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    private TopicStream Make(RestCall call)
    {
        Stream body = call.Http.Response.Body;
        return new TopicStream(call.Caller, call.Topic, self => new Outbox(body, self, sockets), metrics);
    }

    private void Begin(RestCall call, TopicStream stream, long? from)
    {
        SetHeaders(call.Http.Response);
        stream.Begin(from, call.Workspace.Feed, place => StreamFrames.Ready(call.Topic, PlaceOf(call.Workspace, place), clock.GetUtcNow()));
    }

    /// <summary>Reads from where the stream stands, no faster than its reader takes it, until it lives on what is told.</summary>
    private async ValueTask CatchUpAsync(RestCall call, TopicStream stream)
    {
        bool maybeLast = true;
        while (stream.BeginPage(maybeLast))
        {
            if (await FindPageAsync(call, stream) is not { } page)
                return;

            SharedFrame? frame = page.Posts.Count == 0 ? null : StreamFrames.Messages(call.Workspace, page.Posts);
            metrics.Told(page.Posts.Count);
            bool lives = stream.TakePage(page, frame);
            stream.Outbox.Kick();
            if (lives)
                return;

            await stream.Outbox.IdleAsync();
            maybeLast = !page.More;
        }
    }

    /// <summary>Null, and the stream ends, when the store does not answer: its reader comes again.</summary>
    private async ValueTask<StreamPage?> FindPageAsync(RestCall call, TopicStream stream)
    {
        try
        {
            return await pages.ReadAsync(call.Workspace, stream.Only, stream.Caller.MaySee, stream.Position, call.Aborted);
        }
        catch (DatabaseUnavailableException)
        {
            stream.End(MeshError.Unavailable);
            return null;
        }
    }

    /// <summary>Tells why, to whoever is there to be told.</summary>
    private async Task EndAsync(RestCall call, TopicStream stream)
    {
        if (stream.Ending is { } why)
        {
            try
            {
                stream.Outbox.Enqueue(StreamFrames.Ended(why));
                await stream.Outbox.CompleteAsync().WaitAsync(EndGrace, clock, call.Aborted);
                return;
            }
            catch (TimeoutException)
            {
                // It does not read what waits for it.
            }
        }

        call.Http.Abort();
    }

    private static string PlaceOf(Workspace workspace, long position) =>
        position == 0 ? Beginning : workspace.Ids.Of(new MessageRef(workspace.Row.No, position)).ToString();
}
