using System.Globalization;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging.Delivery;
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
/// What stands before every route: form, credential, rate, permission, topic, in this order; the first that refuses answers. Behind it a handler is as
/// it is behind a socket.
/// </summary>
internal sealed partial class RestDoor(
    Credentials credentials, BrowserCookies cookies, AccountMembers members, OpenWorkspaces workspaces, KeyRate rate, AddressRate addresses, KeyUse use, RestArrival arrival,
    RestMetrics metrics, TimeProvider clock, IServiceProvider services, ILogger<RestDoor> logger)
{
    /// <summary>Which workspace an account means, by slug or id, where it has several.</summary>
    public const string WorkspaceHeader = "X-Workspace";

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
                await route.RefuseAsync(context, refusal!);
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
                await route.RefuseAsync(context, MeshError.InvalidArgs.With($"The request is invalid as HTTP: {broken.Message.TrimEnd('.')}."));
        }
        catch (Exception error) when (error is not Storage.DatabaseUnavailableException && !context.Response.HasStarted)
        {
            LogFailed(error, route.Method, route.FullPath);
            await route.RefuseAsync(context, MeshError.Internal);
        }
    }

    private async ValueTask<(RestCall? Call, MeshError? Refusal)> AdmitAsync(RestRoute route, HttpContext context)
    {
        if (FindFault(route, context.Request) is { } fault)
            return (null, fault);
        if (route.Operation is not { } operation)
            return RefuseStranger(route, context) is { } stranger ? (null, stranger) : (new RestCall(context, route), null);

        bool isOfAccount = Permissions.IsOfAccount(operation);
        Presented presented = await credentials.ReadAsync(context, isOfAccount ? MeshError.SignInRequired : MeshError.ApiKeyMissing);
        if (presented.Refusal is { } refusal)
            return (null, refusal);
        if (!rate.TryTake(presented.Key?.Id ?? presented.Account!.RateId, context.Response))
            return (null, MeshError.ApiKeyRate);
        if (presented.Account?.Token is { } token)
            use.Note(token);

        return isOfAccount ? AdmitAccount(route, context, presented, operation) : await AdmitMemberAsync(route, context, presented, operation);
    }

    /// <summary>
    /// Of routes that are for getting a credential: one address asks them so fast and no faster, and no other site's page signs a browser in to an account
    /// of its choice.
    /// </summary>
    private MeshError? RefuseStranger(RestRoute route, HttpContext context)
    {
        if (route.IsOfAccounts && !addresses.TryTake(context))
            return MeshError.AddressRate;

        return route.Root != RestRoutes.Auth || HttpMethods.IsGet(route.Method) || cookies.IsOwnOrigin(context.Request) ? null : MeshError.CsrfRefused;
    }

    private (RestCall? Call, MeshError? Refusal) AdmitAccount(RestRoute route, HttpContext context, Presented presented, Operation operation)
    {
        if (presented.Account is not { } account)
            return (null, MeshError.CredentialNotEnough);

        return Permissions.Refuse(account, operation, clock.GetUtcNow()) is { } forbidden
            ? (null, forbidden)
            : (new RestCall(context, route) { SignedIn = account }, null);
    }

    private async ValueTask<(RestCall? Call, MeshError? Refusal)> AdmitMemberAsync(
        RestRoute route, HttpContext context, Presented presented, Operation operation)
    {
        if (route.SpansAccount && presented.Account is { } account && !context.Request.Headers.ContainsKey(WorkspaceHeader))
            return await AdmitEachAsync(route, context, account, operation);

        (Caller? caller, MeshError? unknown) = presented.Key is { } key
            ? await FindIssuerAsync(key, context.RequestAborted)
            : await FindMemberAsync(presented.Account!, context);
        if ((unknown ?? Permissions.Refuse(caller!, operation) ?? Permissions.RefuseStale(presented.Account, operation, clock.GetUtcNow())) is { } refusal)
            return (null, refusal);

        await arrival.NoteAsync(caller!, context.RequestAborted);
        RestCall call = new(context, route, caller) { SignedIn = presented.Account };
        return Reach(call, presented.Key);
    }

    private async ValueTask<(Caller? Caller, MeshError? Refusal)> FindIssuerAsync(ApiKey key, CancellationToken cancellationToken)
    {
        if (await workspaces.FindAsync(key.Mesh, cancellationToken) is not { } workspace)
            return (null, MeshError.ApiKeyInvalid);

        use.Note(key);
        return (new Caller(workspace, workspace.Members.Find(key.Issuer)!, connection: null, key), null);
    }

    /// <summary>An account that names no workspace, of a route that answers for all: as its member in each where he may.</summary>
    private async ValueTask<(RestCall? Call, MeshError? Refusal)> AdmitEachAsync(RestRoute route, HttpContext context, SignedIn account, Operation operation)
    {
        List<Caller> callers = [];
        MeshError? refusal = null;
        foreach ((MeshId mesh, MemberNo no) in await members.ListAsync(account, context.RequestAborted))
        {
            if (await workspaces.FindAsync(mesh, context.RequestAborted) is not { } workspace || workspace.Members.Find(no) is not { } member)
                continue;

            Caller caller = new(workspace, member, connection: null) { SignedIn = account };
            if (Permissions.Refuse(caller, operation) is { } forbidden)
                refusal ??= forbidden;
            else
                callers.Add(caller);
        }

        // Who looks at all of them at once is a peer in none by that.
        return callers.Count == 0 && refusal is not null ? (null, refusal) : (new RestCall(context, route, account, callers), null);
    }

    /// <summary>An account acts as its member in the workspace that the request names.</summary>
    private async ValueTask<(Caller? Caller, MeshError? Refusal)> FindMemberAsync(SignedIn account, HttpContext context)
    {
        string? named = context.Request.Headers[WorkspaceHeader].FirstOrDefault() ?? account.Token?.MeshSlug;
        (MeshId mesh, MemberNo no, MeshError? refusal) = await members.FindAsync(account.Account.No, named, context.RequestAborted);
        if (refusal is not null)
            return (null, refusal);

        if (await workspaces.FindAsync(mesh, context.RequestAborted) is not { } workspace || workspace.Members.Find(no) is not { } member)
            return (null, MeshError.NotYourWorkspace);

        return account.Token?.Admits(workspace.Row.No) == false
            ? (null, MeshError.TokenOtherWorkspace)
            : (new Caller(workspace, member, connection: null) { SignedIn = account }, null);
    }

    /// <summary>A key that is limited to topics gets no further than they do.</summary>
    private static (RestCall? Call, MeshError? Refusal) Reach(RestCall call, ApiKey? key)
    {
        if (call.Route.Reach is KeyReach.Workspace && key?.Topics is not null)
            return (null, MeshError.ApiKeyTopicOutOfScope);
        if (!call.Http.Request.RouteValues.ContainsKey(RestRoute.TopicName))
            return (call, null);

        (Topic? topic, MeshError? refusal) = call.FindTopic(call.Path(RestRoute.TopicName));
        call.Topic = topic;
        return topic is null ? (null, refusal) : (call, null);
    }

    private static MeshError? FindFault(RestRoute route, HttpRequest request)
    {
        bool hasBody = request.ContentLength > 0 || request.Headers.ContainsKey(HeaderNames.TransferEncoding);
        if (route.Body is null && route.Form is null && hasBody)
            return MeshError.BodyNotAllowed;
        if (request.ContentLength > route.BodyBytesMax)
            return MeshError.PayloadTooLarge;

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Query)
        {
            if (!route.TakesOtherParameters && !route.Query.Any(parameter => parameter.Name == name))
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
