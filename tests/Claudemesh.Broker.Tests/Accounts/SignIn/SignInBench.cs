using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Accounts.SignIn;

/// <summary>A broker on which anybody may make an account, and passwords cost little.</summary>
internal static class SignInBench
{
    public static Task<TestBroker> StartAsync(TimeProvider? clock = null, SignUpRule signUp = SignUpRule.Open, Func<BrokerSettings, BrokerSettings>? change = null) =>
        TestBroker.StartAsync(
            clock,
            settings => (change ?? (static same => same))(settings with { SignUp = signUp }),
            static services => services.AddSingleton(new PasswordOptions { Cost = new PasswordCost(MemoryKib: 8, Passes: 1) }));
}
