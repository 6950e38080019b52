namespace Claudemesh.Broker.Rest;

/// <summary>The table of REST routes. Filled once at start by the capabilities; the door serves it and the OpenAPI document lists it.</summary>
internal sealed class RestRoutes
{
    public const string Base = "/api/v1";

    private readonly List<RestRoute> all = [];

    public IReadOnlyList<RestRoute> All => all;

    public RestRoutes Add(RestRoute route)
    {
        if (all.Exists(other => other.Method == route.Method && other.Path == route.Path))
            throw new InvalidOperationException($"{route.Method} {route.Path} is there twice.");

        all.Add(route);
        return this;
    }
}
