using System.Globalization;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>What an account's devices keep at the broker: the public side of its key, and the secret side sealed.</summary>
internal static class KeyRoutes
{
    private const string Kind = "kind";
    private const string Id = "id";
    private const string Generation = "generation";
    private const int CredentialBytesMax = 1_023;

    /// <summary>base64 of a vault, and the JSON around it.</summary>
    private const int VaultBodyBytesMax = AccountVault.BytesMax / 3 * 4 + 4_096;

    /// <summary>How long after signing in the sealed ways of recovery are given out without another proof: a new machine needs them then.</summary>
    private static readonly TimeSpan YoungFor = TimeSpan.FromMinutes(10);

    public static RestRoutes MapAccountKeys(this RestRoutes routes) => routes.MapKey().MapRecovery().MapLater();

    private static RestRoutes MapKey(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/key", Operation.UseAccountKeys, KeyReach.Workspace, "The account's present key, and how it came from those before.", GetKeyAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(AccountKeyInfo),
            Refusals = [MeshError.NoAccountKey],
        })
        .Add(new RestRoute("POST", "/key", Operation.UseAccountKeys, KeyReach.Workspace, "Stores the account's first key, if it has none.", CreateKeyAsync)
        {
            Root = RestRoutes.My,
            Body = typeof(AccountKeyCreate),
            Reply = typeof(AccountKeyInfo),
            Status = 201,
            Refusals = [MeshError.AccountKeyExists, MeshError.AccountTextRefused, MeshError.ClockSkew],
        });

    private static RestRoutes MapRecovery(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/recovery", Operation.UseAccountKeys, KeyReach.Workspace, "Lists the ways of recovery.", ListRecoveryAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(RecoveryList),
        })
        .Add(new RestRoute("PUT", $"/recovery/{{{Kind}}}", Operation.ApproveDevices, KeyReach.Workspace, "Stores a way of recovery: key or prf.", PutRecoveryAsync)
        {
            Root = RestRoutes.My,
            Body = typeof(RecoveryPut),
            Reply = typeof(RecoveryStored),
            Refusals = [MeshError.BadRecoveryBlob, MeshError.NoAccountKey, MeshError.AccountKeyMoved, MeshError.TooManyRecoveries],
        })
        .Add(new RestRoute("DELETE", $"/recovery/{{{Id}}}", Operation.ApproveDevices, KeyReach.Workspace, "Ends a way of recovery.", DeleteRecoveryAsync)
        {
            Root = RestRoutes.My,
            Status = 204,
            Refusals = [MeshError.RecoveryNotFound],
        });

    private static RestRoutes MapLater(this RestRoutes routes) => routes
        .Add(new RestRoute("POST", "/renewal", Operation.ApproveDevices, KeyReach.Workspace, "Gives the account its next secret.", RenewAsync)
        {
            Root = RestRoutes.My,
            Body = typeof(RenewalRequest),
            Reply = typeof(AccountKeyInfo),
            Refusals =
            [
                MeshError.AccountTextRefused, MeshError.ClockSkew, MeshError.NoAccountKey, MeshError.AccountKeyMoved, MeshError.DevicesChanged,
                MeshError.TooManyRenewals,
            ],
        })
        .Add(new RestRoute("GET", $"/renewal/{{{Generation}}}", Operation.UseAccountKeys, KeyReach.Workspace, "A renewal, with the asking device's copy.", GetRenewalAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(RenewalInfo),
            Refusals = [MeshError.RenewalNotFound],
        })
        .Add(new RestRoute("GET", "/vault", Operation.UseAccountKeys, KeyReach.Workspace, "What the account's devices know together, sealed by them.", GetVaultAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(VaultInfo),
        })
        .Add(new RestRoute("PUT", "/vault", Operation.UseAccountKeys, KeyReach.Workspace, "Writes the next version of it.", PutVaultAsync)
        {
            Root = RestRoutes.My,
            Body = typeof(VaultPut),
            BodyBytesMax = VaultBodyBytesMax,
            Status = 204,
            Refusals = [MeshError.VaultMoved],
        });

    private static async Task GetKeyAsync(RestCall call)
    {
        List<AccountKeyRecord> keys = await call.Get<AccountKeyStore>().ListAsync(call.Account.No, call.Aborted);
        await (keys.Count == 0
            ? call.RefuseAsync(MeshError.NoAccountKey)
            : call.AnswerAsync(new AccountKeyInfo(keys[^1].Generation, keys[^1].AccountPub, keys[^1], [.. keys[..^1]])));
    }

    private static async Task CreateKeyAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<AccountKeyCreate>() is not { } body)
            return;

        await (await call.Get<AccountKeys>().CreateAsync(call.Account, call.Session, body, call.Aborted) is { } refusal
            ? call.RefuseAsync(refusal) : GetKeyAsync(call));
    }

    private static async Task ListRecoveryAsync(RestCall call)
    {
        DateTimeOffset now = call.Get<TimeProvider>().GetUtcNow();
        List<RecoveryInfo> blobs = await call.Get<RecoveryStore>().ListAsync(call.Account.No, call.Aborted);
        bool isShown = call.Session.IsFresh(now) || now - call.Session.CreatedAt < YoungFor;
        await call.AnswerAsync(isShown
            ? new RecoveryList([.. blobs])
            : new RecoveryList([.. blobs.Select(static blob => blob with { Blob = null })], Withheld: true));
    }

    private static async Task PutRecoveryAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<RecoveryPut>() is not { } body)
            return;

        RecoveryKind? kind = call.Path(Kind) switch
        {
            "key" => RecoveryKind.Key,
            "prf" => RecoveryKind.Prf,
            _ => null,
        };
        if (FindFault(kind, body) is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        (string? id, MeshError? refusal) = await call.Get<RecoveryStore>().PutAsync(call.Account.No, kind!.Value, body, call.Aborted);
        await (id is null ? call.RefuseAsync(refusal!) : call.AnswerAsync(new RecoveryStored(id)));
    }

    private static MeshError? FindFault(RecoveryKind? kind, RecoveryPut body) => kind switch
    {
        null => MeshError.InvalidArgs.With("The kind in the path is invalid: it must be key or prf."),
        _ when !RecoveryBlob.HasForm(body.Blob, (byte)kind.Value) => MeshError.BadRecoveryBlob,
        RecoveryKind.Key when body.CredentialId is not null => MeshError.InvalidArgs.With("credentialId is invalid: a recovery key has none."),
        RecoveryKind.Prf when body.CredentialId?.Length is not (>= 1 and <= CredentialBytesMax) =>
            MeshError.InvalidArgs.With($"credentialId is invalid: it must be the passkey's id, 1 to {CredentialBytesMax} bytes as base64."),
        _ => null,
    };

    private static async Task DeleteRecoveryAsync(RestCall call)
    {
        bool isGone = await call.Get<RecoveryStore>().DeleteAsync(call.Account.No, call.Path(Id), call.Aborted);
        await call.AnswerAsync(isGone ? null : MeshError.RecoveryNotFound);
    }

    private static async Task RenewAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<RenewalRequest>() is not { } body)
            return;

        await (await call.Get<Renewals>().RenewAsync(call.Account, body, call.Aborted) is { } refusal ? call.RefuseAsync(refusal) : GetKeyAsync(call));
    }

    private static async Task GetRenewalAsync(RestCall call)
    {
        bool isNumber = long.TryParse(call.Path(Generation), NumberStyles.None, CultureInfo.InvariantCulture, out long generation);
        if (!isNumber || await call.Get<AccountKeyStore>().FindAsync(call.Account.No, generation, call.Aborted) is not { OldSig: { } oldSig } key)
        {
            await call.RefuseAsync(MeshError.RenewalNotFound);
            return;
        }

        byte[]? copy = call.Session.Device is { } device
            ? await call.Get<RenewalStore>().FindCopyAsync(call.Account.No, generation, device, call.Aborted) : null;
        await call.AnswerAsync(new RenewalInfo(key.Text, oldSig, key.AccountSig, key.DeviceSig, copy));
    }

    private static async Task GetVaultAsync(RestCall call) => await call.AnswerAsync(await call.Get<VaultStore>().GetAsync(call.Account.No, call.Aborted));

    private static async Task PutVaultAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<VaultPut>() is not { } body)
            return;
        if (body.Version < 1 || body.Blob.Length is < AccountVault.Overhead or > AccountVault.BytesMax)
        {
            await call.RefuseAsync(MeshError.InvalidArgs.With(
                $"The body is invalid: version must be from 1, and blob must have {AccountVault.Overhead} to {AccountVault.BytesMax} bytes."));
            return;
        }

        bool isNext = await call.Get<VaultStore>().PutAsync(call.Account.No, body, call.Aborted);
        if (isNext)
            await call.Get<AccountNews>().TellAsync(call.Account.No, AccountChange.Vault, call.Aborted);
        await call.AnswerAsync(isNext ? null : MeshError.VaultMoved);
    }
}
