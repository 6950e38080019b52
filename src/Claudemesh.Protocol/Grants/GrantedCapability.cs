using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Something that a member lets another do to it (wire reference 4.6). Where nothing was said: read, dm, broadcast, state-read.</summary>
[JsonConverter(typeof(WordConverter<GrantedCapability>))]
public enum GrantedCapability
{
    Read,
    Dm,
    Broadcast,
    StateRead,
    StateWrite,
    FileRead,
}
