using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// The workspaces of an account on this machine. One that the broker lists is opened if the account's secret gives the key of its member there: a broker cannot
/// make that up. Members that were made here are told to the broker as the account's.
/// </summary>
internal sealed partial class AccountWorkspaces(
    AccountHome home,
    AccountCalls calls,
    AccountRows rows,
    AccountVault vault,
    VaultFacts facts,
    WorkspaceStore store,
    MemberKeys memberKeys,
    JoinedWorkspaces workspaces,
    WorkspaceOpening opening,
    TimeProvider clock,
    ILogger<AccountWorkspaces> logger) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Opens what the account has, and takes over what its other devices knew. Doing it again is harmless.</summary>
    /// <returns>What its person should know.</returns>
    public async Task<IReadOnlyList<string>> OpenAsync(Login login, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var notes = new List<string>();
            await AdoptAsync(login, cancellationToken);
            await opening.OpenLockedAsync(cancellationToken);
            VaultContent? known = await vault.ReadAsync(login, notes, cancellationToken);
            LocalReply<WireMeshes> asked = await calls.GetAsync(login, "api/my/meshes", WireJson.Default.WireMeshes, cancellationToken);
            if (asked.Value is { } meshes)
                await OpenAsync(login, meshes.Meshes, known, notes, cancellationToken);
            else
                notes.Add($"Which workspaces the account has could not be asked: {asked.Problem!.Detail}");
            await ClaimAsync(login, cancellationToken);
            await vault.SyncAsync(login, notes, cancellationToken);
            return notes;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Tells the broker which members are the account's, as far as it has not been told.</summary>
    public async Task ClaimAsync(Login login, CancellationToken cancellationToken)
    {
        if (login.Keys is not { Account: not null } keys || login.State is not AccountStates.SignedIn)
            return;

        foreach (LiveWorkspace workspace in workspaces.All.Where(one => login.Serves(one.Row.Broker)))
        {
            PublicKey member = workspace.Identity.Public;
            if (rows.IsClaimed(workspace.Row.MeshId, login.Stored.UserId, member))
                continue;

            long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            byte[] proof = workspace.Identity.Key.Sign(new MemberClaimText(workspace.Row.MeshId, login.Stored.UserId, member, now));
            LocalReply<Nothing> claimed = await calls.SendAsync(
                login,
                HttpMethod.Put,
                $"api/my/meshes/{workspace.Row.MeshId}",
                new ClaimMember(member.ToString(), now, proof),
                WireJson.Default.ClaimMember,
                WireJson.Default.Nothing,
                cancellationToken);
            if (claimed.Problem is { Retryable: false } refused)
                LogNotClaimed(workspace.Row.Slug, refused.Error, refused.Detail);

            // What the broker refuses for good is not asked with every connection; another key is asked anew.
            if (claimed.Succeeded || claimed.Problem is { Error: "already_member" or "member_not_found" })
                await rows.ClaimAsync(workspace.Row.MeshId, login.Stored.UserId, member, claimed.Problem?.Error ?? "", cancellationToken);
        }
    }

    /// <summary>Shuts what the account's secret gave the keys of.</summary>
    public async Task<IReadOnlyList<WorkspaceRow>> ShutAsync(Login login, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await AdoptAsync(login, cancellationToken);
            WorkspaceRow[] shut = [.. store.List().Where(row => login.Serves(row.Broker) && store.FindSeed(row.MeshId) is { DerivedBy.Length: > 0 })];
            foreach (WorkspaceRow row in shut)
            {
                if (workspaces.FindByNo(row.No) is { } open)
                    await opening.CloseAsync(open, cancellationToken);
                workspaces.Lock(row);
            }

            return shut;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Seeds that the account's secret gives are not kept beside it.</summary>
    private async Task AdoptAsync(Login login, CancellationToken cancellationToken)
    {
        foreach (WorkspaceRow row in store.List().Where(row => login.Serves(row.Broker)))
            await memberKeys.AdoptAsync(row, cancellationToken);
    }

    private async Task OpenAsync(Login login, IReadOnlyList<WireMesh> meshes, VaultContent? known, List<string> notes, CancellationToken cancellationToken)
    {
        var listed = new List<AccountWorkspace>();
        foreach (WireMesh mesh in meshes)
        {
            bool isSound = WireId.IsValid(mesh.Id) && Slug.TryParse(mesh.Slug, out _) && PublicKey.TryParse(mesh.MemberPub, out _);
            if (isSound)
                listed.Add(new AccountWorkspace(mesh.Id, mesh.Slug, mesh.Name, mesh.Role, await OpenAsync(login, mesh, known, notes, cancellationToken)));
        }

        await home.ChangeAsync(login, stored => stored.Workspaces.SequenceEqual(listed) ? stored : stored with { Workspaces = listed }, cancellationToken);
    }

    /// <returns>One of <see cref="AccountWorkspaceStates"/>.</returns>
    private async Task<string> OpenAsync(Login login, WireMesh mesh, VaultContent? known, List<string> notes, CancellationToken cancellationToken)
    {
        if (store.FindByMesh(mesh.Id) is { } there)
            return workspaces.FindByNo(there.No) is null ? AccountWorkspaceStates.Locked : AccountWorkspaceStates.Here;
        if (mesh.ArchivedAt is not null)
            return AccountWorkspaceStates.Archived;

        using MemberSecretKey? member = login.Keys?.Derive(login.Stored.UserId, mesh.Id);
        if (member is null || member.Public != PublicKey.Parse(mesh.MemberPub))
        {
            notes.Add($"{mesh.Slug}: your member there has a key that only the machine has where it was made; on that machine, `claudemesh migrate-identity` brings it to the account.");
            return AccountWorkspaceStates.OtherKey;
        }

        string broker = login.Stored.Broker;
        Digest? pin = known?.FindPin(mesh.Id);
        if (pin is null)
            notes.Add($"{mesh.Slug}: none of your devices has told what its log begins with, so this machine believes the first one that the broker shows.");
        await store.KeepDerivedAsync(mesh.Id, broker, cancellationToken);
        var row = new WorkspaceRow(
            0, mesh.Id, "", mesh.Slug, mesh.Name, broker, mesh.Role, mesh.MemberId, member.Public, mesh.DisplayName, clock.GetUtcNow().ToUnixTimeMilliseconds(), "");
        WorkspaceRow added = await store.AddAsync(row, pin is { } begins ? new LogStart(begins, Copy: null, []) : null, cancellationToken);
        if (known is not null)
            await facts.TakeOldKeysAsync(login, mesh.Id, known, cancellationToken);
        await opening.OpenAsync(added, cancellationToken);
        await rows.ClaimAsync(mesh.Id, login.Stored.UserId, member.Public, "", cancellationToken);
        LogOpened(added.Slug);
        return AccountWorkspaceStates.Here;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Workspace {Slug} is open on this machine by the account")]
    private partial void LogOpened(string slug);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the broker does not take this member for the account's ({Code}): {Why}")]
    private partial void LogNotClaimed(string workspace, string code, string why);
}
