using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Membership of a group, with a role in it, as it is on the wire. Read the name with <see cref="GroupName.TryParse"/>.</summary>
[method: JsonConstructor]
public readonly record struct GroupTag(string Name, string? Role = null);
