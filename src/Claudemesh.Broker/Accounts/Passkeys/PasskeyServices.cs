using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>The framework's verifier and what it asks of us. Of the rest of its identity system nothing is used.</summary>
internal static class PasskeyServices
{
    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddSingleton<PasskeyStore>().AddSingleton<IUserStore<Account>, PasskeyUsers>();
        services.AddIdentityCore<Account>();
        services.AddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>, PasskeyRules>();
        services.AddSingleton<PasskeyCeremonies>().AddSingleton<PasskeySignUpEndpoint>().AddSingleton<PasskeySignInEndpoint>();
        services.AddSingleton<PasskeyFreshEndpoint>().AddSingleton<MyPasskeysEndpoint>();
    }
}
