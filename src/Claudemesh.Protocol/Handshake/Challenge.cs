using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The first thing on every socket. A <see cref="MemberHello"/> signs it; 1.x clients ignore it.</summary>
/// <param name="Value">32 random bytes, good for one hello within 30 s.</param>
/// <param name="Broker">The broker's name and version, for logs.</param>
/// <param name="Features">What this broker can do beyond this document; unknown words are ignored.</param>
public sealed record Challenge([property: JsonPropertyName("challenge")] byte[] Value, string Broker, string[] Features) : IEvent, ILimited
{
    public const int Bytes = 32;

    public static string WireType => "challenge";

    string? ILimited.FindFault() => Limit.NotBytes("challenge", Value, Bytes);
}
