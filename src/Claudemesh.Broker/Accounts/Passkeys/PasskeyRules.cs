using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>
/// How passkeys are made and checked. Domain and origin are the public address's, not what a request says of itself. Asked for when the first is, because
/// the address is known once the broker listens.
/// </summary>
internal sealed class PasskeyRules(PublicAddress address) : IConfigureOptions<IdentityPasskeyOptions>
{
    // COSE: ES256 and RS256. The verifier knows no EdDSA.
    private const int Es256 = -7;
    private const int Rs256 = -257;

    public void Configure(IdentityPasskeyOptions options)
    {
        string origin = address.Origin;
        options.ServerDomain = address.Url.Host;
        options.AuthenticatorTimeout = SignIn.Ceremonies.Life;
        options.UserVerificationRequirement = "required";
        options.ResidentKeyRequirement = "required";
        options.AttestationConveyancePreference = "none";
        options.ValidateOrigin = context => ValueTask.FromResult(string.Equals(context.Origin, origin, StringComparison.OrdinalIgnoreCase) && !context.CrossOrigin);
        options.IsAllowedAlgorithm = static algorithm => algorithm is Es256 or Rs256;
    }
}
