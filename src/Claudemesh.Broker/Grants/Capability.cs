namespace Claudemesh.Broker.Grants;

/// <summary>What a member may let another do to it (wire reference 4.6).</summary>
[Flags]
internal enum Capability : byte
{
    None = 0,
    Read = 1,
    Dm = 2,
    Broadcast = 4,
    StateRead = 8,
    StateWrite = 16,
    FileRead = 32,

    /// <summary>Where nothing else was said.</summary>
    Default = Read | Dm | Broadcast | StateRead,
}
