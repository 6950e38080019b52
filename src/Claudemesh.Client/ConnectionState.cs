using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>Where a connection is. One of the four nested records.</summary>
public abstract record ConnectionState
{
    private ConnectionState()
    {
    }

    /// <summary>Dialling, proving the key, or opening the registered sessions again.</summary>
    /// <param name="Attempt">1 for the first since the start or since a connection that lasted.</param>
    public sealed record Connecting(int Attempt) : ConnectionState;

    /// <summary>The broker believes the hello, and every registered session was opened or refused.</summary>
    public sealed record Open(MemberWelcome Welcome) : ConnectionState;

    /// <summary>Not connected, and will try again by itself. There is no last attempt.</summary>
    /// <param name="Reason">A sentence for people.</param>
    /// <param name="Code">The broker's error code when it refused; null when it could not be reached or the wire broke.</param>
    public sealed record Waiting(DateTimeOffset RetryAt, string Reason, string? Code) : ConnectionState;

    /// <summary>
    /// Over: closed by this side for good, or by the broker in a way that trying again by itself cannot mend; <see cref="MeshConnection.RetryNow"/>
    /// tries once more then.
    /// </summary>
    /// <param name="Code">The broker's error code, <c>kicked</c> or <c>banned</c>; null when this side closed.</param>
    public sealed record Closed(string Reason, string? Code) : ConnectionState;
}
