using System.Net.Sockets;
using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>What an error of the server, or of the way to it, means.</summary>
internal static class PostgresFailure
{
    /// <summary>Raised by <c>hold_owners</c>: another activation owns one of the workspaces.</summary>
    private const string FencedState = "CM001";

    public static bool IsFenced(this PostgresException failure) => failure.SqlState == FencedState;

    /// <summary>The rows contradict a key or a check: the writer's mistake, not the server's.</summary>
    public static bool IsConstraint(this PostgresException failure) => failure.SqlState.StartsWith("23", StringComparison.Ordinal);

    /// <summary>Rolled back in favour of another transaction: the same again will do.</summary>
    public static bool IsCollision(this Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>The connection is of no use any more.</summary>
    public static bool EndsConnection(this Exception failure) => failure switch
    {
        PostgresException told => told.Severity is "FATAL" or "PANIC" || told.InvariantSeverity is "FATAL" or "PANIC",
        NpgsqlException or SocketException or TimeoutException or IOException => true,
        _ => false,
    };

    public static DatabaseOpenException WhyNotOpened(PostgresAddress address, Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => new(
            DatabaseFault.Login, $"The database server {address.Server} refuses the login of {address.User}. Check the name and the password.", failure),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => new(
            DatabaseFault.Missing, $"The database server {address.Server} has no database {address.Name}. Make it: createdb {address.Name}", failure),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidSchemaName } => new(
            DatabaseFault.Permission,
            $"{address.User} may not make tables in {address.Name}. Give it the database: ALTER DATABASE {address.Name} OWNER TO {address.User}",
            failure),
        PostgresException { SqlState: PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateFunction } foreign => new(
            DatabaseFault.Unfit,
            $"The database {address.Name} is used by another program ({foreign.MessageText}). Give the broker a database of its own.",
            failure),
        MigrationException other => new(
            DatabaseFault.Unfit, $"The database {address.Name} is of another version of the broker: {other.Message}", failure),
        PostgresException told => new(
            DatabaseFault.Unreachable, $"The database server {address.Server} answers: {told.MessageText} ({told.SqlState}).", failure),
        _ => new(
            DatabaseFault.Unreachable,
            $"The database server {address.Server} cannot be reached: {(failure.InnerException ?? failure).Message}",
            failure),
    };
}
