namespace Claudemesh.Local;

/// <summary>What a program's exit code says; every refusal of the local API belongs to one of these.</summary>
public enum ExitCode
{
    Ok = 0,
    Cancelled = 1,
    Auth = 2,
    BadArguments = 3,
    Network = 4,
    NotFound = 5,
    Exists = 6,
    Denied = 7,
    Internal = 8,
    ClaudeMissing = 9,
    Io = 10,
}
