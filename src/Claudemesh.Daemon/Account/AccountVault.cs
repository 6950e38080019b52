using System.Text.Json;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Keeps the account's vault and this device alike: reads what the others wrote, adds what is known here, writes with a version that only rises. A broker that
/// shows an older one than before, or one that no device wrote, is not believed and nothing is written over it.
/// </summary>
internal sealed partial class AccountVault(AccountRows rows, AccountCalls calls, VaultFacts facts, ILogger<AccountVault> logger) : IDisposable
{
    private const int AttemptsMax = 8;

    private readonly SemaphoreSlim turn = new(1, 1);

    /// <returns>Null where there is none that can be believed.</returns>
    public async Task<VaultContent?> ReadAsync(Login login, List<string> notes, CancellationToken cancellationToken) =>
        (await FetchAsync(login, notes, cancellationToken))?.Content;

    public async Task SyncAsync(Login login, List<string> notes, CancellationToken cancellationToken)
    {
        if (login.Keys?.Account is null || login.State is not AccountStates.SignedIn)
            return;

        await turn.WaitAsync(cancellationToken);
        try
        {
            for (int attempt = 0; attempt < AttemptsMax; attempt++)
            {
                if (await FetchAsync(login, notes, cancellationToken) is not { } there || await TryAgreeAsync(login, there, notes, cancellationToken))
                    return;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    /// <returns>False when another device was quicker.</returns>
    private async Task<bool> TryAgreeAsync(Login login, Shown there, List<string> notes, CancellationToken cancellationToken)
    {
        VaultContent agreed = (rows.FindVault(login.Stored.Broker) is { } last ? OpenEarlier(login, last) : null) ?? new VaultContent();
        VaultContent merged = VaultMerge.Of(agreed, facts.Gather(login), there.Content);
        await facts.TakeAsync(login, merged, notes, cancellationToken);
        byte[] content = Encode(merged);
        if (there is { IsStale: false, Vault.Version: > 0 } && content.AsSpan().SequenceEqual(Encode(there.Content)))
        {
            await rows.KeepVaultAsync(login.Stored.Broker, there.Vault, cancellationToken);
            return true;
        }

        WireVault next = Seal(login, there.Vault.Version + 1, content);
        LocalReply<Nothing> written = await calls.SendAsync(
            login, HttpMethod.Put, "api/my/vault", next, WireJson.Default.WireVault, WireJson.Default.Nothing, cancellationToken);
        if (written.Problem is { Error: "vault_moved" })
            return false;
        if (written.Problem is { } problem)
            LogNotWritten(login.Stored.Broker, problem.Error);
        else
            await rows.KeepVaultAsync(login.Stored.Broker, next, cancellationToken);
        return true;
    }

    private async Task<Shown?> FetchAsync(Login login, List<string> notes, CancellationToken cancellationToken)
    {
        LocalReply<WireVault> asked = await calls.GetAsync(login, "api/my/vault", WireJson.Default.WireVault, cancellationToken);
        if (asked.Value is not { } vault)
            return null;

        long known = rows.FindVault(login.Stored.Broker)?.Version ?? 0;
        if (vault.Version < known)
        {
            Note(login, notes, $"the broker shows version {vault.Version} of your vault, and this machine has seen {known}: it was restored from a backup, or it withholds what your devices wrote.");
            return null;
        }

        if (vault.Version == 0)
            return new Shown(vault, new VaultContent());
        if (login.Keys?.Account is { } account && Open(login, vault, account) is { } content)
            return new Shown(vault, content);

        // Written under the secret before, which this device has just renewed: what was agreed on is known by its bytes, and written anew.
        if (rows.FindVault(login.Stored.Broker) is { } last && last.Version == vault.Version && last.Blob.AsSpan().SequenceEqual(vault.Blob) && OpenEarlier(login, last) is { } agreed)
            return new Shown(vault, agreed, IsStale: true);

        Note(login, notes, "the vault that the broker shows was not written by a device of yours; nothing of it was taken over.");
        return null;
    }

    private void Note(Login login, List<string> notes, string what)
    {
        notes.Add($"{login.Stored.Broker}: {what}");
        LogDoubt(login.Stored.Broker, what);
    }

    private static VaultContent? OpenEarlier(Login login, WireVault vault) =>
        login.Keys?.All.Select(secret => Open(login, vault, secret)).FirstOrDefault(content => content is not null);

    private static byte[] Encode(VaultContent content) => JsonSerializer.SerializeToUtf8Bytes(content, VaultJson.Default.VaultContent);

    private static WireVault Seal(Login login, long version, byte[] content)
    {
        using SecretBytes key = login.Keys!.Account!.DeriveVaultKey(login.Stored.UserId);
        return new WireVault(version, XChaCha20Poly1305.SealWithNonce(key.Expose(), content, SignedBytes.Of(new VaultText(login.Stored.UserId, version))));
    }

    private static VaultContent? Open(Login login, WireVault vault, AccountSecret account)
    {
        if (vault.Blob is null || vault.Version is < 1 or > SignedBytes.NumberMax)
            return null;

        using SecretBytes key = account.DeriveVaultKey(login.Stored.UserId);
        if (!XChaCha20Poly1305.TryOpenWithNonce(key.Expose(), vault.Blob, SignedBytes.Of(new VaultText(login.Stored.UserId, vault.Version)), out SecretBytes? opened))
            return null;

        using (opened)
        {
            try
            {
                return JsonSerializer.Deserialize(opened!.Expose(), VaultJson.Default.VaultContent);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Broker}: {What}")]
    private partial void LogDoubt(string broker, string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vault on {Broker} could not be written: {Why}")]
    private partial void LogNotWritten(string broker, string why);

    /// <param name="Vault">Version 0: the account has none yet.</param>
    /// <param name="IsStale">It is under a secret of before: it is to be written under the present one.</param>
    private sealed record Shown(WireVault Vault, VaultContent Content, bool IsStale = false);
}
