using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Streams;

/// <summary>By what a stream was opened: those of one are counted together, and end with it.</summary>
internal readonly record struct StreamOwner(Credential Kind, long No)
{
    public static StreamOwner Of(Caller caller) => new(
        caller.Credential, caller.Key?.No ?? caller.SignedIn!.Session?.No ?? caller.SignedIn.Token!.No);

    /// <summary>What its reader is told when it is over.</summary>
    public MeshError Over => Kind is Credential.ApiKey ? MeshError.ApiKeyInvalid : MeshError.TokenInvalid;
}

/// <summary>Watches over what streams were opened by.</summary>
internal sealed class StreamCredentials(ApiKeyBook keys, PersonalTokens tokens, LoginSessions sessions)
{
    /// <returns>Null when it has ended meanwhile.</returns>
    public ValueTask<KeyWatch?> WatchAsync(Caller caller, CancellationToken cancellationToken) => caller switch
    {
        { Key: { } key } => keys.WatchAsync(key, cancellationToken),
        { SignedIn.Session: { } session } => sessions.WatchAsync(session, cancellationToken),
        _ => tokens.WatchAsync(caller.SignedIn!.Token!, cancellationToken),
    };
}
