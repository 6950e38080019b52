using System.Collections.Immutable;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// The logins of this machine: one account on each broker. Secrets are in the system's keychain where there is one, else in <c>account.json</c> itself, which
/// only its owner may read. What is changed is on the disk before anybody in the daemon sees it.
/// </summary>
internal sealed partial class AccountHome(DaemonHome home, SecretStores stores, ILogger<AccountHome> logger) : IDisposable
{
    private readonly SemaphoreSlim writing = new(1, 1);
    private ImmutableArray<Login> all = [];

    public ImmutableArray<Login> All => all;

    public string Path => System.IO.Path.Combine(home.Folder, "account.json");

    /// <summary>Reads what is stored. A keychain that stays shut leaves its logins without keys, until <see cref="UnlockAsync"/>.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var logins = new List<Login>();
        foreach (StoredLogin stored in ReadFile())
            logins.Add(new Login(stored with { Secrets = null }, await FindSecretsAsync(stored, cancellationToken)));
        all = [.. logins];
    }

    /// <summary>Asks the keychain again for what it did not give.</summary>
    /// <returns>Whether there are keys now that were not there before.</returns>
    public async Task<bool> UnlockAsync(CancellationToken cancellationToken)
    {
        bool gained = false;
        foreach (Login login in all.Where(one => one.State is AccountStates.Locked))
        {
            if (await FindSecretsAsync(login.Stored, cancellationToken) is not { } secrets)
                continue;

            login.Become(login.Stored, secrets);
            gained = true;
        }

        return gained;
    }

    /// <summary>The login whose workspaces are on that broker, also when its person has logged out.</summary>
    public Login? Find(string broker) => all.FirstOrDefault(login => login.Serves(broker));

    /// <summary>The login that is meant: on that broker, or the only one. It is signed in, or at least its keys are here.</summary>
    public LocalReply<Login> Require(string? broker)
    {
        Login[] there = [.. all.Where(login => !login.Stored.IsLoggedOut && (broker is null || login.Serves(broker)))];
        return there switch
        {
            [] => AccountProblems.NotLoggedIn(broker),
            [{ State: AccountStates.Locked } locked] => AccountProblems.Locked(locked.Stored),
            [var one] => one,
            _ => AccountProblems.WhichBroker(there.Select(login => login.Stored.Broker)),
        };
    }

    /// <summary>As <see cref="Require"/>, and it has the keys of a device.</summary>
    public LocalReply<Login> RequireDevice(string? broker)
    {
        LocalReply<Login> one = Require(broker);
        return one.Value is { IsToken: true } token ? AccountProblems.TokenHasNoKeys(token.Stored) : one;
    }

    /// <summary>Writes a login down, in place of the one on its broker.</summary>
    public async Task<Login> KeepAsync(StoredLogin stored, StoredSecrets secrets, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            Login? there = Find(stored.Broker);
            ISecretStore store = await stores.KeepAsync(KeyOf(stored), secrets, there?.Stored.Store, cancellationToken);
            StoredLogin kept = stored with { Store = store.Name, Secrets = null };
            Login[] others = [.. all.Where(login => login != there)];
            WriteFile([.. others.Select(Whole), kept with { Secrets = store is SecretFile ? secrets : null }]);
            if (there is not null)
            {
                there.Become(kept, secrets);
                return there;
            }

            var added = new Login(kept, secrets);
            all = [.. others, added];
            return added;
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Changes what is known of a login; its secrets stay.</summary>
    public async Task ChangeAsync(Login login, Func<StoredLogin, StoredLogin> change, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            StoredLogin now = change(login.Stored);
            if (now == login.Stored || !all.Contains(login))
                return;

            login.Become(now, login.Keys?.Secrets);
            WriteFile([.. all.Select(Whole)]);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Deletes the secrets of a login. What it is pinned to stays, unless all of it is to go.</summary>
    public async Task ForgetAsync(Login login, bool entirely, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            login.Access = null;
            login.Become(login.Stored with { IsLoggedOut = true, Workspaces = [], Renewal = null }, null);
            if (entirely)
                all = [.. all.Where(one => one != login)];

            // The file first: a secret that stays behind in a keychain opens nothing without what this file says of it.
            WriteFile([.. all.Select(Whole)]);
            await stores.RemoveAsync(login.Stored.Store, KeyOf(login.Stored), cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose()
    {
        writing.Dispose();
        foreach (Login login in all)
            login.Dispose();
    }

    /// <summary>Names a login's secrets in a keychain that several homes of one person may share.</summary>
    private string KeyOf(StoredLogin stored) => $"{stored.Broker} {home.Folder}";

    private static StoredLogin Whole(Login login) =>
        login.Stored with { Secrets = login.Stored.Store is SecretFile.StoreName ? login.Keys?.Secrets : null };

    private async Task<StoredSecrets?> FindSecretsAsync(StoredLogin stored, CancellationToken cancellationToken)
    {
        if (stored.IsLoggedOut || stored.Store is SecretFile.StoreName)
            return stored.IsLoggedOut ? null : stored.Secrets;

        StoredSecrets? secrets = await stores.FindAsync(stored.Store, KeyOf(stored), cancellationToken);
        if (secrets is null)
            LogLocked(stored.Broker, stored.Store);
        return secrets;
    }

    private IReadOnlyList<StoredLogin> ReadFile()
    {
        if (!File.Exists(Path))
            return [];

        try
        {
            AccountFile? file = JsonSerializer.Deserialize(File.ReadAllBytes(Path), StoredJson.Default.AccountFile);
            return file?.Version switch
            {
                AccountFile.CurrentVersion => file.Logins,
                null => [],
                _ => throw new InvalidDataException($"{Path} was written by a later version of claudemesh."),
            };
        }
        catch (JsonException damage)
        {
            // It may hold the only copy of a secret, so it is put aside and not written over.
            string aside = Path + ".damaged";
            File.Move(Path, aside, overwrite: true);
            LogDamaged(damage, aside);
            return [];
        }
    }

    private void WriteFile(IReadOnlyList<StoredLogin> logins) =>
        PrivateFile.Write(Path, JsonSerializer.SerializeToUtf8Bytes(new AccountFile(AccountFile.CurrentVersion, logins), StoredJson.Default.AccountFile));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secrets of the account on {Broker} are not given out by {Store}")]
    private partial void LogLocked(string broker, string store);

    [LoggerMessage(Level = LogLevel.Error, Message = "account.json could not be read and was moved to {Path}")]
    private partial void LogDamaged(Exception error, string path);
}
