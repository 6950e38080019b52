using System.Text.Json;

namespace Claudemesh.Daemon.Account;

/// <summary>Where secrets can lie.</summary>
internal interface ISecretStore
{
    string Name { get; }

    /// <summary>False: it is shut or does not answer, and nothing was kept.</summary>
    Task<bool> KeepAsync(string key, byte[] secret, CancellationToken cancellationToken);

    /// <returns>Null when it has none, is shut, or does not answer.</returns>
    Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken);

    Task RemoveAsync(string key, CancellationToken cancellationToken);
}

/// <summary>The file <c>account.json</c> itself: it is written with everything else that is in it.</summary>
internal sealed class SecretFile : ISecretStore
{
    public const string StoreName = "file";

    public string Name => StoreName;

    public Task<bool> KeepAsync(string key, byte[] secret, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>
/// The keychain of the operating system where it gives back what it was given, else the file. A person who wants the file (a server whose keychain nobody
/// opens after a reboot) says so by the variable <c>CLAUDEMESH_SECRETS=file</c>.
/// </summary>
internal sealed partial class SecretStores(IReadOnlyList<ISecretStore> keychains, ILogger<SecretStores> logger)
{
    public const string Variable = "CLAUDEMESH_SECRETS";

    private static readonly SecretFile InFile = new();

    public static SecretStores OfThisMachine(Func<string, string?> variable, ILogger<SecretStores> logger) =>
        new(variable(Variable) is SecretFile.StoreName ? [] : [.. FindKeychains(variable)], logger);

    /// <summary>Keeps secrets, where they were if that still works.</summary>
    /// <returns>Which store has them now.</returns>
    public async Task<ISecretStore> KeepAsync(string key, StoredSecrets secrets, string? before, CancellationToken cancellationToken)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(secrets, StoredJson.Default.StoredSecrets);
        foreach (ISecretStore keychain in keychains.Where(one => before is null || one.Name == before))
        {
            if (await keychain.KeepAsync(key, bytes, cancellationToken) && (await keychain.FindAsync(key, cancellationToken)).AsSpan().SequenceEqual(bytes))
                return keychain;

            LogNotKept(keychain.Name);
        }

        return InFile;
    }

    public async Task<StoredSecrets?> FindAsync(string store, string key, CancellationToken cancellationToken)
    {
        byte[]? found = keychains.FirstOrDefault(one => one.Name == store) is { } keychain ? await keychain.FindAsync(key, cancellationToken) : null;
        try
        {
            return found is null ? null : JsonSerializer.Deserialize(found, StoredJson.Default.StoredSecrets);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Task RemoveAsync(string store, string key, CancellationToken cancellationToken) =>
        keychains.FirstOrDefault(one => one.Name == store)?.RemoveAsync(key, cancellationToken) ?? Task.CompletedTask;

    private static IEnumerable<ISecretStore> FindKeychains(Func<string, string?> variable)
    {
        if (OperatingSystem.IsMacOS() && File.Exists(MacKeychain.Program))
            yield return new MacKeychain();

        // Without a session bus nobody answers it, and it would wait for somebody.
        if (OperatingSystem.IsLinux() && variable("DBUS_SESSION_BUS_ADDRESS") is { Length: > 0 } && AskedProgram.Find(SecretTool.Program, variable("PATH")) is { } tool)
            yield return new SecretTool(tool);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keychain {Name} does not keep secrets; they are kept in account.json, readable by its owner only")]
    private partial void LogNotKept(string name);
}
