using System.Globalization;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Rest;

/// <summary>
/// What stands before every route: form, key, rate, permission, topic, in this order; the first that refuses answers. Behind it a handler is as
/// it is behind a socket.
/// </summary>
internal sealed partial class RestDoor(
    ApiKeyBook keys, OpenWorkspaces workspaces, KeyRate rate, KeyUse use, RestArrival arrival, RestMetrics metrics, IServiceProvider services,
    ILogger<RestDoor> logger)
{
    public async Task RunAsync(RestRoute route, HttpContext context)
    {
        metrics.Asked(route);

        // Every service is one for all requests: a scope of its own would only cost each of them, and a stream as long as it is open.
        context.RequestServices = services;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        try
        {
            (RestCall? call, MeshError? refusal) = await AdmitAsync(route, context);
            if (call is null)
                await HttpBodies.RefuseAsync(context, refusal!);
            else
                await route.Handle(call);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Who asked is gone.
        }
        catch (BadHttpRequestException broken)
        {
            // A body that is shorter than it said, or in broken chunks.
            if (!context.Response.HasStarted)
                await HttpBodies.RefuseAsync(context, MeshError.InvalidArgs.With($"The request is invalid as HTTP: {broken.Message.TrimEnd('.')}."));
        }
        catch (Exception error) when (error is not Storage.DatabaseUnavailableException && !context.Response.HasStarted)
        {
            LogFailed(error, route.Method, route.Path);
            await HttpBodies.RefuseAsync(context, MeshError.Internal);
        }
    }

    private async ValueTask<(RestCall? Call, MeshError? Refusal)> AdmitAsync(RestRoute route, HttpContext context)
    {
        if (FindFault(route, context.Request) is { } fault)
            return (null, fault);
        if (route.Operation is not { } operation)
            return (new RestCall(context, route, caller: null), null);

        (ApiKey? key, MeshError? refusal) = await FindKeyAsync(context);
        if (key is null || await workspaces.FindAsync(key.Mesh, context.RequestAborted) is not { } workspace)
            return (null, refusal ?? MeshError.ApiKeyInvalid);
        if (!rate.TryTake(key, context.Response))
            return (null, MeshError.ApiKeyRate);

        use.Note(key);

        Caller caller = new(workspace, workspace.Members.Find(key.Issuer)!, connection: null, key);
        if (Permissions.Refuse(caller, operation) is { } forbidden)
            return (null, forbidden);

        await arrival.NoteAsync(caller, context.RequestAborted);
        return Reach(new RestCall(context, route, caller), key);
    }

    /// <summary>A key that is limited to topics gets no further than they do.</summary>
    private static (RestCall? Call, MeshError? Refusal) Reach(RestCall call, ApiKey key)
    {
        if (call.Route.Reach is KeyReach.Workspace && key.Topics is not null)
            return (null, MeshError.ApiKeyTopicOutOfScope);
        if (!call.Http.Request.RouteValues.ContainsKey(RestRoute.TopicName))
            return (call, null);

        (Topic? topic, MeshError? refusal) = call.FindTopic(call.Path(RestRoute.TopicName));
        call.Topic = topic;
        return topic is null ? (null, refusal) : (call, null);
    }

    private async ValueTask<(ApiKey? Key, MeshError? Refusal)> FindKeyAsync(HttpContext context)
    {
        const string Scheme = "Bearer ";
        string? header = context.Request.Headers.Authorization.Count == 1 ? context.Request.Headers.Authorization[0] : null;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return (null, MeshError.ApiKeyMissing);
        }

        FoundKey found = ApiKeySecret.TryParse(header[Scheme.Length..].Trim(), out ApiKeySecret secret)
            ? await keys.FindAsync(secret, ClientAddress.Of(context), context.RequestAborted) : default;
        if (found.Wait is { } wait)
        {
            context.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
            return (null, MeshError.WrongKeyRate);
        }

        if (found.Key is null)
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return (found.Key, found.Key is null ? MeshError.ApiKeyInvalid : null);
    }

    private static MeshError? FindFault(RestRoute route, HttpRequest request)
    {
        bool hasBody = request.ContentLength > 0 || request.Headers.ContainsKey(HeaderNames.TransferEncoding);
        if (route.Body is null && hasBody)
            return MeshError.BodyNotAllowed;
        if (request.ContentLength > route.BodyBytesMax)
            return MeshError.PayloadTooLarge;

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Query)
        {
            if (!route.Query.Any(parameter => parameter.Name == name))
                return MeshError.InvalidArgs.With(Unknown(route, name));
            if (values.Count > 1)
                return MeshError.InvalidArgs.With($"{name} is invalid: it is given {values.Count.ToString(CultureInfo.InvariantCulture)} times. Give it once.");
        }

        return null;
    }

    private static string Unknown(RestRoute route, string name)
    {
        string shown = name.Length > 40 ? name[..40] + "…" : name;
        return route.Query.Count == 0
            ? $"The parameter {shown} is invalid: this route takes none."
            : $"The parameter {shown} is invalid: this route takes {string.Join(", ", route.Query.Select(parameter => parameter.Name))}.";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(Exception error, string method, string path);
}
