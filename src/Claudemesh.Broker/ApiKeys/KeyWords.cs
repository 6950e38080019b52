using System.Numerics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>A key's capabilities as they travel: a list of words.</summary>
internal static class KeyWords
{
    private static readonly string[] Names = ["send", "read", "state_write", "admin"];
    private static readonly KeyCapability[] All = Enum.GetValues<KeyCapability>();

    public static KeyCapabilities Read(KeyCapability[] words) =>
        words.Aggregate(KeyCapabilities.None, static (all, word) => all | Bit(word));

    public static KeyCapability[] Write(KeyCapabilities capabilities) => [.. All.Where(word => capabilities.HasFlag(Bit(word)))];

    /// <summary>The word for one capability.</summary>
    public static string Name(KeyCapabilities one) => Names[BitOperations.Log2((uint)one)];

    // The flags are in the order of the words.
    private static KeyCapabilities Bit(KeyCapability word) => (KeyCapabilities)(1 << (int)word);
}
