using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>The OpenAPI 3.1 document, made of the table of routes and of the records that they name.</summary>
internal static class OpenApiDocument
{
    private const string Json = "application/json";

    /// <summary>What any request may be answered.</summary>
    private static readonly MeshError[] OfAll = [MeshError.InvalidArgs, MeshError.Internal, MeshError.Unavailable];

    private static readonly MeshError[] OfKeys =
    [
        MeshError.ApiKeyMissing, MeshError.ApiKeyInvalid, MeshError.TokenInvalid, MeshError.ApiKeyMissingCapability, MeshError.TokenMissingScope,
        MeshError.TokenOtherWorkspace, MeshError.CredentialNotEnough, MeshError.CsrfRefused, MeshError.Forbidden, MeshError.WorkspaceHeaderRequired,
        MeshError.NotYourWorkspace, MeshError.ApiKeyRate,
    ];

    private static readonly MeshError[] OfAccounts =
    [
        MeshError.SignInRequired, MeshError.TokenInvalid, MeshError.CsrfRefused, MeshError.CredentialNotEnough, MeshError.ApiKeyRate,
    ];

    private static readonly MeshError[] Usual = [.. OfAll, .. OfKeys];

    private static readonly Dictionary<string, string> PathParameters = new(StringComparer.Ordinal)
    {
        ["topic"] = "The topic's name, without #, or its id.",
        ["member"] = "The member's id, or his key.",
        ["key"] = "The value's key. A slash in it may stand as it is.",
        ["id"] = "Its id.",
        ["userCode"] = "What the new machine shows, such as BCDF-GHJK.",
        ["pub"] = "The device's key, 64 lower-case hexadecimal digits.",
        ["kind"] = "key or prf.",
        ["generation"] = "Of the account's key that the renewal made, from 2.",
    };

    public static JsonObject Of(RestRoutes routes)
    {
        OpenApiSchemas schemas = new(new DocComments());
        JsonObject paths = [];
        foreach (RestRoute route in routes.All)
        {
            string path = PathOf(route);
            JsonObject at = paths[path] as JsonObject ?? [];
            paths[path] = at;
            at[route.Method.ToLowerInvariant()] = Operate(route, schemas);
        }

        schemas.Refer(typeof(Problem));
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "claudemesh",
                ["version"] = "1",
                ["summary"] = "Topics, messages and people of a workspace, for scripts and browsers.",
                ["description"] =
                    "An API key acts as the member who made it, in one workspace: it may no more than he, no more than its capabilities, and only in its "
                    + "topics if it names some. It carries no message keys: it posts plain text where a topic admits that, and is shown sealed messages as such. "
                    + "Each answer tells how fast the key may ask (RateLimit-Policy, RateLimit). A refusal is problem details, with a code to compare. "
                    + "Parameters that a route does not name are refused. An account that is signed in, or a personal token of one, acts as the account's member "
                    + "in the workspace that the header X-Workspace names, by slug or id; it may be left out where there is only one, and on /me, which answers "
                    + "for all.",
                ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key: cm_ and 43 characters, made with claudemesh apikey create." },
                    ["account"] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["bearerFormat"] = "JWT",
                        ["description"] = "An access token of an account that is signed in. A browser has it in a cookie, and sends X-CSRF-Token with what changes something.",
                    },
                },
                ["responses"] = UsualResponses(schemas),
                ["schemas"] = schemas.Components,
                ["x-refusals"] = Catalogue(routes),
            },
        };
    }

    /// <summary>Each code once, with what it says: the routes name them.</summary>
    private static JsonObject Catalogue(RestRoutes routes)
    {
        JsonObject catalogue = [];
        foreach (MeshError error in routes.All.SelectMany(RefusalsOf).DistinctBy(error => error.Code, StringComparer.Ordinal).OrderBy(error => error.Code, StringComparer.Ordinal))
            catalogue[error.Code] = new JsonObject { ["status"] = error.HttpStatus, ["detail"] = error.Message };
        return catalogue;
    }

    public static string PathOf(RestRoute route) => route.FullPath.Replace("{**", "{", StringComparison.Ordinal);

    private static JsonObject Operate(RestRoute route, OpenApiSchemas schemas)
    {
        JsonObject operation = new()
        {
            ["operationId"] = IdOf(route),
            ["tags"] = new JsonArray(TagOf(route)),
            ["summary"] = route.Summary,
            ["description"] = Describe(route),
        };
        JsonArray parameters = Parameters(route);
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (route.Body is { } body)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Json, schemas.Refer(body)) };
        if (route.Form is { } form)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content("application/x-www-form-urlencoded", FormOf(form)) };
        operation["responses"] = Responses(route, schemas);
        operation["security"] = SecurityOf(route);
        if (route.Operation is { } needed && !Permissions.IsOfAccount(needed))
            operation["x-capability"] = KeyWords.Name(Permissions.NeededFor(needed));
        return operation;
    }

    private static string Describe(RestRoute route)
    {
        string capability = route.Operation is { } operation
            ? Permissions.IsOfAccount(operation) ? OfAccount(operation) : $"The key needs the capability {KeyWords.Name(Permissions.NeededFor(operation))}. {Reach(route.Reach)}"
            : "It takes no key: what is sent proves who may, or it is for everybody.";
        return route.Body is null ? capability : $"{capability} A body has at most {route.BodyBytesMax:N0} bytes.".Replace('\u00a0', ',');
    }

    private static string OfAccount(Operation operation) => Permissions.Table[operation] switch
    {
        { Fresh: true } => "It takes an account whose person has proved in the last minutes who he is.",
        { Needs: { } scope } => $"It takes an account that is signed in, or a personal token with {KeyWords.Name(scope)}.",
        _ => "It takes an account that is signed in.",
    };

    private static JsonArray SecurityOf(RestRoute route) => route.Operation switch
    {
        null => [],
        { } operation when Permissions.IsOfAccount(operation) => [new JsonObject { ["account"] = new JsonArray() }],
        _ => [new JsonObject { ["key"] = new JsonArray() }, new JsonObject { ["account"] = new JsonArray() }],
    };

    private static string Reach(KeyReach reach) => reach switch
    {
        KeyReach.Workspace => "It is not for keys that are limited to topics.",
        KeyReach.Filtered => "A key that is limited to topics is shown what belongs to them.",
        KeyReach.OneTopic => "A key that is limited to topics must have this one.",
        _ => throw new ArgumentOutOfRangeException(nameof(reach)),
    };

    private static JsonArray Parameters(RestRoute route)
    {
        JsonArray parameters = [];
        foreach (string name in NamesIn(route.Path))
            parameters.Add(Parameter("path", name, PathParameters[name], new JsonObject { ["type"] = "string" }));
        foreach (RestParameter parameter in route.Query)
            parameters.Add(Parameter("query", parameter.Name, parameter.What, Schema(parameter.Kind)));
        foreach (RestParameter header in route.Headers)
            parameters.Add(Parameter("header", header.Name, header.What, Schema(header.Kind)));
        return parameters;
    }

    private static IEnumerable<string> NamesIn(string path) =>
        path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}', '*'));

    private static JsonObject FormOf(IReadOnlyList<RestParameter> fields)
    {
        JsonObject properties = [];
        foreach (RestParameter field in fields)
            properties[field.Name] = new JsonObject { ["type"] = "string", ["description"] = field.What };
        return new JsonObject { ["type"] = "object", ["properties"] = properties };
    }

    private static JsonObject Parameter(string place, string name, string what, JsonObject schema)
    {
        JsonObject parameter = new() { ["name"] = name, ["in"] = place };
        if (place is "path")
            parameter["required"] = true;
        parameter["description"] = what;
        parameter["schema"] = schema;
        return parameter;
    }

    private static JsonObject Schema(ParameterKind kind) => kind switch
    {
        ParameterKind.Number => new JsonObject { ["type"] = "integer", ["format"] = "int64", ["minimum"] = 0 },
        ParameterKind.Time => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        ParameterKind.Flag => new JsonObject { ["type"] = "boolean" },
        _ => new JsonObject { ["type"] = "string" },
    };

    private static JsonObject Responses(RestRoute route, OpenApiSchemas schemas)
    {
        JsonObject responses = [];
        JsonObject good = new() { ["description"] = route.Reply is null && !route.IsStream ? "Done." : "The answer." };
        if (route.IsTagged)
            good["headers"] = new JsonObject { ["ETag"] = new JsonObject { ["description"] = "Send it as If-None-Match.", ["schema"] = new JsonObject { ["type"] = "string" } } };
        if (route.IsStream)
        {
            schemas.Refer(typeof(TopicRow));
            good["description"] = "Events that do not end: ready first, message with an id and a TopicRow as its data, and heartbeat.";
            good["content"] = Content("text/event-stream", new JsonObject { ["type"] = "string" });
        }
        else if (route.Reply is { } reply)
        {
            good["content"] = Content(Json, schemas.Refer(reply));
        }

        responses[Text(route.Status)] = good;
        if (route.IsTagged)
            responses["304"] = new JsonObject { ["description"] = "The answer is the one that If-None-Match names." };
        foreach (IGrouping<int, MeshError> status in RefusalsOf(route).GroupBy(error => error.HttpStatus).OrderBy(group => group.Key))
            responses[Text(status.Key)] = IsUsual(status) && route.Root is not RestRoutes.OAuth ? new JsonObject { ["$ref"] = $"#/components/responses/{NameOf(status.Key)}" } : Refusal(route, status, schemas);
        return responses;
    }

    /// <summary>Whether it is just what any route that takes a key may answer with this status.</summary>
    private static bool IsUsual(IGrouping<int, MeshError> status) =>
        status.SequenceEqual(Usual.Where(error => error.HttpStatus == status.Key));

    private static string NameOf(int status) => $"Refused{Text(status)}";

    private static JsonObject UsualResponses(OpenApiSchemas schemas)
    {
        JsonObject responses = [];
        foreach (IGrouping<int, MeshError> status in Usual.GroupBy(error => error.HttpStatus).OrderBy(group => group.Key))
            responses[NameOf(status.Key)] = Refusal(route: null, status, schemas);
        return responses;
    }

    /// <param name="route">Null: of any. Those of OAuth answer in its own form.</param>
    private static JsonObject Refusal(RestRoute? route, IGrouping<int, MeshError> refusals, OpenApiSchemas schemas) => new()
    {
        ["description"] = string.Join(", ", refusals.Select(error => error.Code)),
        ["content"] = route?.Root is RestRoutes.OAuth ? Content(Json, schemas.Refer(typeof(OAuthError))) : Content(Problem.ContentType, schemas.Refer(typeof(Problem))),
        ["x-codes"] = new JsonArray([.. refusals.Select(error => JsonValue.Create(error.Code))]),
    };

    private static IEnumerable<MeshError> RefusalsOf(RestRoute route) =>
    [
        .. new[]
        {
            OfAll,
            route is { Operation: null, IsOfAccounts: true } ? [MeshError.AddressRate] : [],
            route.Operation is not { } operation ? [] : Permissions.IsOfAccount(operation) ? OfAccounts : OfKeys,
            route.Operation is { } asked && Permissions.Table[asked].Fresh ? [MeshError.FreshAuthenticationRequired] : [],
            IsOfWorkspace(route) && route.Reach is not KeyReach.Filtered ? [MeshError.ApiKeyTopicOutOfScope] : [],
            route.Path.Contains($"{{{RestRoute.TopicName}}}", StringComparison.Ordinal) ? [MeshError.TopicNotFound] : [],
            route.Body is null && route.Form is null ? [MeshError.BodyNotAllowed] : [MeshError.PayloadTooLarge],
            route.Refusals,
        }.SelectMany(static errors => errors).DistinctBy(static error => error.Code, StringComparer.Ordinal),
    ];

    private static JsonObject Content(string type, JsonObject schema) => new() { [type] = new JsonObject { ["schema"] = schema } };

    private static bool IsOfWorkspace(RestRoute route) => route.Operation is { } operation && !Permissions.IsOfAccount(operation);

    private static string TagOf(RestRoute route) => route.Root is not RestRoutes.Base ? TagOfAccount(route) : route.Path.Split('/')[1] switch
    {
        "workspaces" => "workspace",
        "join" => "invites",
        "stream" => "topics",
        var first => first,
    };

    private static string TagOfAccount(RestRoute route) => route.Root switch
    {
        RestRoutes.Auth => "signing in",
        RestRoutes.My => "account",
        _ => "tokens and devices",
    };

    /// <summary>The method and the words of the path; of what a parameter picks out, the one: <c>/topics/{topic}/join</c> is postTopicJoin.</summary>
    private static string IdOf(RestRoute route)
    {
        string id = route.Method.ToLowerInvariant() + route.Root switch
        {
            RestRoutes.Base => "",
            RestRoutes.WellKnown => "WellKnown",
            { } root => Capital(root.Split('/')[^1]),
        };
        foreach (string part in route.Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!part.StartsWith('{'))
                id += string.Concat(part.Split('-').Select(Capital));
            else if (id.EndsWith('s'))
                id = id[..^1];
            else
                id += "By" + Capital(part.Trim('{', '}', '*'));
        }

        return id;
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
