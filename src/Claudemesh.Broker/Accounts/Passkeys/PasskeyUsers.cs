using Claudemesh.Protocol;
using Microsoft.AspNetCore.Identity;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>
/// What the framework's verifier of passkeys asks of accounts. It only reads: what is made and changed is written by the routes, in the write that it
/// belongs to, so whatever would write here is never asked for.
/// </summary>
internal sealed class PasskeyUsers(AccountStore accounts, PasskeyStore passkeys) : IUserPasskeyStore<Account>
{
    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Id.Value);

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Username);

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => GetUserNameAsync(user, cancellationToken);

    public async Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        UserId.TryParse(userId, out UserId id) ? await accounts.FindAsync(id, cancellationToken) : null;

    public async Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        Username.TryParse(normalizedUserName, out Username name) ? await accounts.FindByNameAsync(name.Skeleton, cancellationToken) : null;

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account user, CancellationToken cancellationToken) =>
        [.. (await passkeys.ListAsync(user.No, cancellationToken)).Select(static passkey => passkey.ToInfo())];

    public async Task<Account?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await passkeys.FindOwnerAsync(credentialId, cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) =>
        await passkeys.FindAsync(credentialId, cancellationToken) is { } passkey && passkey.Account == user.No ? passkey.ToInfo() : null;

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw OnlyReads();

    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => throw OnlyReads();

    public Task AddOrUpdatePasskeyAsync(Account user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw OnlyReads();

    public Task RemovePasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) => throw OnlyReads();

    public void Dispose()
    {
        // Holds nothing.
    }

    private static InvalidOperationException OnlyReads() => new("Accounts are changed by their routes, not through this.");
}
