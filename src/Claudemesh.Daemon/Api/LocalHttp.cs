using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Daemon.Doors;
using Claudemesh.Local;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Claudemesh.Daemon.Api;

/// <summary>Reads and writes the records of the local API.</summary>
internal static class LocalHttp
{
    /// <summary>The workspace a request is limited to by its door; null at the door of all.</summary>
    public static string? DoorWorkspace(HttpContext context) => context.Features.Get<Door>()?.Workspace;

    /// <summary>The workspace a request is about: its door's, else the one it names, else null for all or the only one.</summary>
    public static LocalReply<Scope> ReadScope(HttpContext context, string? named)
    {
        string? door = DoorWorkspace(context);
        if (door is not null && named is not null && !string.Equals(door, named, StringComparison.Ordinal))
            return LocalProblem.Of(LocalErrors.Forbidden, $"This socket is limited to {door}.", 403, ExitCode.Denied);
        return new Scope(door ?? named);
    }

    public static LocalReply<Scope> ReadScope(HttpContext context) => ReadScope(context, Query(context, "workspace"));

    /// <summary>The process that asks, where the operating system says it.</summary>
    public static int? CallerProcess(HttpContext context) =>
        context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? PeerCredentials.FindProcess(socket) : null;

    /// <summary>Reads a parameter that is true or false; absent is false.</summary>
    public static bool TryFlag(HttpContext context, string name, out bool value)
    {
        string? text = Query(context, name);
        value = text is "true";
        return text is null or "true" or "false";
    }

    /// <summary>A parameter of the query; null when it is absent or empty.</summary>
    public static string? Query(HttpContext context, string name) =>
        context.Request.Query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues values) && values.ToString() is { Length: > 0 } value ? value : null;

    public static async Task<LocalReply<T>> ReadBodyAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } body
                ? body
                : Invalid("The body is null; send a JSON object.");
        }
        catch (JsonException error)
        {
            return Invalid($"The body is not what this route takes ({error.Message}).");
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return LocalProblem.Of(LocalErrors.PayloadTooLarge, $"A body has at most {LocalLimits.BodyBytesMax} bytes.", 413, ExitCode.BadArguments);
        }
    }

    public static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    public static Task WriteAsync<T>(HttpContext context, LocalReply<T> reply, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
        where T : class =>
        reply.Succeeded ? WriteJsonAsync(context, reply.Value, type, status, "application/json") : WriteProblemAsync(context, reply.Problem);

    /// <summary>Answers a request that is all in its path and query.</summary>
    public static async Task AnswerAsync<T>(
        HttpContext context, Func<Scope, CancellationToken, Task<LocalReply<T>>> ask, JsonTypeInfo<T> type)
        where T : class
    {
        LocalReply<Scope> scope = ReadScope(context);
        await WriteAsync(context, scope.Succeeded ? await ask(scope.Value, context.RequestAborted) : scope.Problem, type);
    }

    /// <summary>Answers a request with a body, which may name the workspace it is about.</summary>
    public static async Task AnswerAsync<TBody, T>(
        HttpContext context,
        JsonTypeInfo<TBody> bodyType,
        Func<TBody, string?> workspaceOf,
        Func<TBody, Scope, CancellationToken, Task<LocalReply<T>>> ask,
        JsonTypeInfo<T> type)
        where TBody : class
        where T : class
    {
        LocalReply<TBody> body = await ReadBodyAsync(context, bodyType);
        LocalReply<Scope> scope = body.Succeeded ? ReadScope(context, workspaceOf(body.Value)) : body.Problem;
        await WriteAsync(context, scope.Succeeded ? await ask(body.Value!, scope.Value, context.RequestAborted) : scope.Problem, type);
    }

    public static Task WriteProblemAsync(HttpContext context, LocalProblem problem) =>
        WriteJsonAsync(context, problem, LocalJson.Default.LocalProblem, problem.Status, "application/problem+json");

    private static Task WriteJsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status, string contentType)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}

/// <param name="Workspace">Null: all, or the only one.</param>
internal sealed record Scope(string? Workspace);
