using Claudemesh.Broker.Accounts.OAuth;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Rest;

/// <summary>What a key that is limited to topics may do with a route.</summary>
internal enum KeyReach : byte
{
    /// <summary>Nothing: it is about the whole workspace.</summary>
    Workspace,

    /// <summary>Is shown what belongs to its topics; the handler sees to that.</summary>
    Filtered,

    /// <summary>The route is about one topic; the key must have it.</summary>
    OneTopic,
}

internal enum ParameterKind : byte
{
    Text,
    Number,
    Time,
    Flag,
}

/// <summary>A parameter of the query. One that a route does not name is refused: a slip of the pen is not passed over.</summary>
/// <param name="What">A sentence for the document, with limits.</param>
internal sealed record RestParameter(string Name, string What, ParameterKind Kind = ParameterKind.Text);

/// <summary>
/// One row of the REST table: everything that the door checks before the handler, and everything that the OpenAPI document says.
/// </summary>
/// <param name="Path">Below <see cref="Root"/>, parameters in braces.</param>
/// <param name="Operation">What the table of permissions is asked; null: it takes no key, because who asks proves otherwise that he may.</param>
/// <param name="Summary">A sentence for the document.</param>
internal sealed record RestRoute(string Method, string Path, Operation? Operation, KeyReach Reach, string Summary, Func<RestCall, Task> Handle)
{
    /// <summary>The parameter of the path that names a topic.</summary>
    public const string TopicName = "topic";

    public string Root { get; init; } = RestRoutes.Base;

    public string FullPath => Root + Path;

    /// <summary>About accounts: asked without a credential it is counted under the address that asks.</summary>
    public bool IsOfAccounts => Root is RestRoutes.Auth or RestRoutes.My or RestRoutes.OAuth;

    public IReadOnlyList<RestParameter> Query { get; init; } = [];

    /// <summary>Parameters that it does not name are passed over: others than us write them, as RFC 6749 lets them.</summary>
    public bool TakesOtherParameters { get; init; }

    /// <summary>Headers of the request that the handler looks at, beside the key.</summary>
    public IReadOnlyList<RestParameter> Headers { get; init; } = [];

    /// <summary>What the body is read as; null: it has none, and one that comes is refused.</summary>
    public Type? Body { get; init; }

    /// <summary>Fields of a body that is a form, as OAuth has them; null: it is none.</summary>
    public IReadOnlyList<RestParameter>? Form { get; init; }

    /// <summary>Bytes of a body at most.</summary>
    public int BodyBytesMax { get; init; } = 64 * 1024;

    /// <summary>What the answer is; null: a stream of events, or nothing.</summary>
    public Type? Reply { get; init; }

    /// <summary>The status of an answer that is no refusal.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The answer has an <c>ETag</c>, and is 304 without a body where the caller has it.</summary>
    public bool IsTagged { get; init; }

    /// <summary>An answer that does not end: <c>text/event-stream</c>.</summary>
    public bool IsStream { get; init; }

    /// <summary>An account that names no workspace is answered for all of its own.</summary>
    public bool SpansAccount { get; init; }

    /// <summary>Refusals beside those of any route.</summary>
    public IReadOnlyList<MeshError> Refusals { get; init; } = [];

    /// <summary>In the form that clients of this route read.</summary>
    public Task RefuseAsync(HttpContext context, MeshError error) =>
        Root is RestRoutes.OAuth ? OAuthRefusals.RefuseAsync(context, error) : HttpBodies.RefuseAsync(context, error);
}
