using System.Runtime.CompilerServices;
using Claudemesh.Daemon.Account;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>Daemons of tests leave the keychain of who runs them alone.</summary>
internal static class NoKeychain
{
#pragma warning disable CA2255 // Before the first daemon of any test.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Begin() => Environment.SetEnvironmentVariable(SecretStores.Variable, SecretFile.StoreName);
}
