namespace Claudemesh.Broker.Authorization;

/// <summary>By what somebody shows who he is.</summary>
internal enum Credential : byte
{
    /// <summary>A member's key, proved when the socket was opened.</summary>
    Socket,

    /// <summary>An account that is signed in, on a browser or a device: its access token or cookie.</summary>
    Session,

    /// <summary>A personal token of an account, with the scopes that it was given.</summary>
    PersonalToken,

    /// <summary>An API key of one workspace, with the capabilities that it was given.</summary>
    ApiKey,
}
