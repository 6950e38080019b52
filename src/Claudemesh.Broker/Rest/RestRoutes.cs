namespace Claudemesh.Broker.Rest;

/// <summary>The table of REST routes. Filled once at start by the capabilities; the door serves it and the OpenAPI document lists it.</summary>
internal sealed class RestRoutes
{
    /// <summary>Workspaces: with an API key, or an account.</summary>
    public const string Base = "/api/v1";

    /// <summary>Showing who one is.</summary>
    public const string Auth = "/api/auth";

    /// <summary>The account that is signed in.</summary>
    public const string My = "/api/my";

    /// <summary>Tokens and devices (RFC 6749, 7009, 8628).</summary>
    public const string OAuth = "/oauth";

    /// <summary>What clients find the rest by (RFC 8414).</summary>
    public const string WellKnown = "/.well-known";

    private readonly List<RestRoute> all = [];

    public IReadOnlyList<RestRoute> All => all;

    public RestRoutes Add(RestRoute route)
    {
        if (all.Exists(other => other.Method == route.Method && other.FullPath == route.FullPath))
            throw new InvalidOperationException($"{route.Method} {route.FullPath} is there twice.");

        all.Add(route);
        return this;
    }
}
