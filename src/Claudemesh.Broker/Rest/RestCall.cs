using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Claudemesh.Broker.Rest;

/// <summary>
/// One admitted request: who asks, what, and how it is answered. What is wrong with the query is kept as <see cref="Fault"/>, so that a handler
/// reads all it wants and then looks once.
/// </summary>
internal sealed class RestCall(HttpContext context, RestRoute route, Caller? caller = null)
{
    private readonly IReadOnlyList<RestCall>? others;

    /// <param name="members">Those of an account, in all its workspaces.</param>
    public RestCall(HttpContext context, RestRoute route, SignedIn account, IReadOnlyList<Caller> members)
        : this(context, route, members is [var only] ? only : null)
    {
        SignedIn = account;
        others = [.. members.Select(As)];
    }

    public HttpContext Http { get; } = context;

    public RestRoute Route { get; } = route;

    /// <summary>Not of a route that takes no key.</summary>
    public Caller Caller => caller ?? throw new InvalidOperationException($"{Route.Method} {Route.Path} takes no key, so there is no caller.");

    /// <summary>The account, where one is signed in; always of a route that is about one.</summary>
    public SignedIn? SignedIn { get; init; }

    /// <summary>The account of a route that is about it.</summary>
    public Account Account => SignedIn?.Account ?? throw new InvalidOperationException($"{Route.Method} {Route.FullPath} is not about an account.");

    /// <summary>The session of a route that takes nothing else.</summary>
    public LoginSession Session => SignedIn?.Session ?? throw new InvalidOperationException($"{Route.Method} {Route.FullPath} takes more than sessions.");

    public Workspace Workspace => Caller.Workspace;

    /// <summary>
    /// The same call as each of the members that it is about: of a route that spans workspaces those of the account, where it names none; of any other
    /// this one.
    /// </summary>
    public IReadOnlyList<RestCall> Each => others ?? [this];

    /// <summary>As another member of the account.</summary>
    public RestCall As(Caller member) => new(Http, Route, member) { SignedIn = SignedIn };

    /// <summary>The topic that the path names, where it names one: the caller may see it.</summary>
    public Topic? Topic { get; set; }

    /// <summary>The first thing that is wrong with the query.</summary>
    public MeshError? Fault { get; private set; }

    public CancellationToken Aborted => Http.RequestAborted;

    public string Path(string name) => (string)Http.Request.RouteValues[name]!;

    public string? Text(string name, int charsMax)
    {
        string? text = Http.Request.Query.TryGetValue(name, out StringValues values) ? values[0] : null;
        if (text is null || text.Length <= charsMax)
            return text;

        Fault ??= MeshError.InvalidArgs.With($"{name} is invalid: it must have at most {charsMax} characters.");
        return null;
    }

    public int Number(string name, int min, int max, int usual)
    {
        if (Text(name, charsMax: 20) is not { } text)
            return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max)
            return number;

        Fault ??= MeshError.InvalidArgs.With($"{name} is invalid: it must be a whole number from {min} to {max}.");
        return usual;
    }

    public bool Flag(string name)
    {
        switch (Text(name, charsMax: 10))
        {
            case "1" or "true":
                return true;
            case null or "" or "0" or "false":
                return false;
            default:
                Fault ??= MeshError.InvalidArgs.With($"{name} is invalid: it must be 1 or 0.");
                return false;
        }
    }

    /// <summary>A time with its zone, as RFC 3339 writes it. One in the future is a time like any other.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name, charsMax: 40) is not { } text)
            return null;
        if (DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time))
            return time;

        Fault ??= MeshError.InvalidSince.With($"{name} is invalid: it must be a time such as 2026-11-24T08:30:00Z.");
        return null;
    }

    /// <summary>A capability of the broker's.</summary>
    public T Get<T>()
        where T : notnull => Http.RequestServices.GetRequiredService<T>();

    /// <summary>The topic of this id or name, if the caller may know of it and his key has it.</summary>
    public (Topic? Topic, MeshError? Refusal) FindTopic(string text)
    {
        string name = text.StartsWith('#') ? text[1..] : text;
        if (Workspace.Topics.Find(name, Caller.MemberNo) is not { } topic)
            return (null, MeshError.TopicNotFound);

        return Caller.MaySee(topic) ? (topic, null) : (null, MeshError.ApiKeyTopicOutOfScope);
    }

    /// <summary>Reads the body as the route says; null with the refusal already sent where it is not of that form.</summary>
    public async ValueTask<T?> ReadBodyAsync<T>()
        where T : class
    {
        ArrayBufferWriter<byte> read = new(4096);
        while (read.WrittenCount <= Route.BodyBytesMax && await Http.Request.Body.ReadAsync(read.GetMemory(4096), Aborted) is > 0 and var count)
            read.Advance(count);

        MeshError? refusal = MeshError.PayloadTooLarge;
        if (read.WrittenCount <= Route.BodyBytesMax && FrameReader.TryReadBody(read.WrittenSpan, out T? body, out refusal))
            return body;

        await RefuseAsync(refusal!);
        return null;
    }

    /// <summary>
    /// Reads a form as OAuth sends it (RFC 6749, 3.2): fields that the route does not name are passed over, one that is empty is not there, and one that is
    /// there twice makes the whole a fault. Null with the refusal already sent where it is no form.
    /// </summary>
    public async ValueTask<IReadOnlyDictionary<string, string>?> ReadFormAsync()
    {
        MeshError? fault = null;
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        if (!Http.Request.HasFormContentType)
        {
            await RefuseAsync(MeshError.InvalidArgs.With("The body is invalid: send it as application/x-www-form-urlencoded."));
            return null;
        }

        FormOptions bounds = new() { BufferBodyLengthLimit = FormBytesMax, KeyLengthLimit = 256, ValueLengthLimit = FormBytesMax, ValueCountLimit = 64 };
        try
        {
            foreach ((string name, StringValues values) in await Http.Request.ReadFormAsync(bounds, Aborted))
            {
                if (values.Count > 1)
                    fault ??= MeshError.InvalidArgs.With($"{name} is invalid: it is given more than once.");
                else if (Route.Form!.Any(field => field.Name == name) && values.ToString() is { Length: > 0 } value)
                    fields[name] = value;
            }
        }
        catch (InvalidDataException)
        {
            fault = MeshError.PayloadTooLarge;
        }

        if (fault is null)
            return fields;

        await RefuseAsync(fault);
        return null;
    }

    /// <summary>Asks the handler that answers the same message on a socket.</summary>
    public ValueTask<Reply<TReply>> AskAsync<THandler, TRequest, TReply>(TRequest request)
        where THandler : class, IRequestHandler<TRequest, TReply>
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage =>
        FrameReader.FindFault(request) is { } fault ? ValueTask.FromResult<Reply<TReply>>(fault) : Get<THandler>().HandleAsync(request, Caller, Aborted);

    /// <inheritdoc cref="AskAsync{THandler,TRequest,TReply}"/>
    /// <returns>Why it was refused, or null.</returns>
    public ValueTask<MeshError?> TellAsync<THandler, TNotice>(TNotice notice)
        where THandler : class, INoticeHandler<TNotice>
        where TNotice : class, INotice =>
        FrameReader.FindFault(notice) is { } fault ? ValueTask.FromResult<MeshError?>(fault) : Get<THandler>().HandleAsync(notice, Caller, Aborted);

    public async Task AnswerAsync<T>(Reply<T> reply)
        where T : class, IMessage
    {
        await (reply.Error is { } error ? RefuseAsync(error) : AnswerAsync(reply.Value!));
        reply.Afterwards?.Invoke();
    }

    public Task AnswerAsync<T>(T body)
        where T : class => HttpBodies.ReplyAsync(Http, Route.Status, body);

    /// <summary>Nothing, because nothing is left to say; or why not.</summary>
    public Task AnswerAsync(MeshError? refusal)
    {
        if (refusal is not null)
            return RefuseAsync(refusal);

        Http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>With a tag by which a caller who has this answer already is told so. The tag is of the bytes, so it is never of what was.</summary>
    public async Task AnswerTaggedAsync<T>(T body)
        where T : class
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, ProtocolJson.TypeInfo<T>());
        string tag = $"\"{Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, TagBytes))}\"";
        HttpResponse response = Http.Response;
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.ETag = tag;
        if (Http.Request.Headers.IfNoneMatch.Any(known => known is not null && (known.Trim() is "*" || known.Contains(tag, StringComparison.Ordinal))))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.StatusCode = Route.Status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, Aborted);
    }

    public Task RefuseAsync(MeshError error) => Route.RefuseAsync(Http, error);

    private const int TagBytes = 18;
    private const int FormBytesMax = 16 * 1024;

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];
}
