namespace Claudemesh.Broker.Storage;

/// <summary>What keeps a database from being opened, by whom it has to be mended.</summary>
public enum DatabaseFault
{
    /// <summary>The address cannot be read.</summary>
    Address,

    /// <summary>The server does not answer.</summary>
    Unreachable,

    /// <summary>The server does not take the name or the password.</summary>
    Login,

    /// <summary>The server has no database of that name.</summary>
    Missing,

    /// <summary>The user may not do in it what the broker has to do.</summary>
    Permission,

    /// <summary>The server, or what is in the database, does not fit this program.</summary>
    Unfit,

    /// <summary>Another broker has it.</summary>
    InUse,

    /// <summary>The disk is full, or takes no writes for another reason.</summary>
    Disk,
}

/// <summary>The database cannot be opened; the message is one sentence for an operator and holds no secret.</summary>
public sealed class DatabaseOpenException(DatabaseFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public DatabaseFault Fault { get; } = fault;
}
