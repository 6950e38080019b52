using System.Diagnostics.CodeAnalysis;
using Claudemesh.Crypto;

namespace Claudemesh.Daemon.Rekeying;

/// <summary>The member keys that come of a login. Without one for a broker a member's key is random.</summary>
internal interface IDerivedSeeds
{
    /// <param name="broker">Its HTTP address without a closing slash.</param>
    /// <param name="seed">The caller's to dispose.</param>
    /// <returns>False where there is no login for this broker.</returns>
    bool TryDeriveSeed(string broker, string meshId, [NotNullWhen(true)] out SecretBytes? seed);
}
