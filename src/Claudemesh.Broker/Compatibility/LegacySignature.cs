using Claudemesh.Crypto;

namespace Claudemesh.Broker.Compatibility;

/// <summary>1.x writes signatures as 128 hexadecimal digits, in either case.</summary>
internal static class LegacySignature
{
    public static bool TryParse(string hex, out byte[] signature)
    {
        bool valid = hex.Length == 2 * Ed25519.SignatureSize && hex.All(char.IsAsciiHexDigit);
        signature = valid ? Convert.FromHexString(hex) : [];
        return valid;
    }
}
