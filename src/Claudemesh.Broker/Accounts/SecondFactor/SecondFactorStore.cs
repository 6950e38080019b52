using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SecondFactor;

/// <summary>Authenticators and recovery codes: what a password is not enough without.</summary>
internal sealed class SecondFactorStore(Database database)
{
    private const string Confirmed = "SELECT secret, last_step FROM totp WHERE account_no = @account AND confirmed_at IS NOT NULL";

    public ValueTask<bool> HasAsync(AccountNo account, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Has(sql, account), cancellationToken);

    public static bool Has(Sql sql, AccountNo account) =>
        sql.FindNumber("SELECT 1 FROM totp WHERE account_no = @account AND confirmed_at IS NOT NULL", ("@account", account.Value)) is not null;

    public static int CountCodes(Sql sql, AccountNo account) =>
        (int)sql.FindNumber("SELECT count(*) FROM recovery_code WHERE account_no = @account AND used_at IS NULL", ("@account", account.Value))!.Value;

    /// <summary>Keeps a secret that does not count yet, in place of another such.</summary>
    public Task<MeshError?> BeginAsync(AccountNo account, byte[] secret, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            if (!Passwords.PasswordStore.Has(scope.Sql, account))
                return MeshError.PasswordMissing;
            if (Has(scope.Sql, account))
                return MeshError.TotpExists;

            scope.Sql.Execute(
                """
                INSERT INTO totp (account_no, secret, begun_at, last_step) VALUES (@account, @secret, @now, 0)
                ON CONFLICT (account_no) DO UPDATE SET secret = excluded.secret, begun_at = excluded.begun_at
                """,
                ("@account", account.Value), ("@secret", secret), ("@now", scope.Now.Micros));
            return null;
        },
        cancellationToken);

    /// <summary>Makes the secret count, by a code that shows that somebody has it.</summary>
    public Task<MeshError?> ConfirmAsync(AccountNo account, string code, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            Row? begun = scope.Sql.Find(
                "SELECT secret, last_step FROM totp WHERE account_no = @account AND confirmed_at IS NULL", Read, ("@account", account.Value));
            if (begun is null)
                return MeshError.TotpNotBegun;
            if (Totp.FindStep(begun.Secret, Plain(code), scope.Now.ToTime(), begun.LastStep) is not { } step)
                return MeshError.CodeInvalid;

            scope.Sql.Execute(
                "UPDATE totp SET confirmed_at = @now, last_step = @step WHERE account_no = @account",
                ("@now", scope.Now.Micros), ("@step", step), ("@account", account.Value));
            return null;
        },
        cancellationToken);

    /// <returns>False when there was none.</returns>
    public Task<bool> RemoveAsync(AccountNo account, CancellationToken cancellationToken) =>
        database.WriteAsync(scope => Remove(scope, account), cancellationToken);

    /// <summary>Part of another write. The recovery codes stand in for the authenticator, so they go with it.</summary>
    public static bool Remove(WriteScope scope, AccountNo account)
    {
        scope.Sql.Execute("DELETE FROM recovery_code WHERE account_no = @account", ("@account", account.Value));
        return scope.Sql.Execute("DELETE FROM totp WHERE account_no = @account", ("@account", account.Value)) > 0;
    }

    /// <summary>Other recovery codes in place of those that there are.</summary>
    /// <returns>False where there is no authenticator that they could stand in for.</returns>
    public Task<bool> ReplaceCodesAsync(AccountNo account, IReadOnlyList<RecoveryCode> codes, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            if (!Has(scope.Sql, account))
                return false;

            scope.Sql.Execute("DELETE FROM recovery_code WHERE account_no = @account", ("@account", account.Value));
            foreach (RecoveryCode code in codes)
                scope.Sql.Execute("INSERT INTO recovery_code (account_no, hash) VALUES (@account, @hash)", ("@account", account.Value), ("@hash", code.Hash()));
            return true;
        },
        cancellationToken);

    /// <summary>Part of the write that the proof is for: whether this is a good code of the account, which is used up by it.</summary>
    public static bool TryUse(WriteScope scope, AccountNo account, string code)
    {
        Row? totp = scope.Sql.Find(Confirmed, Read, ("@account", account.Value));
        if (totp is null)
            return false;

        if (Totp.FindStep(totp.Secret, Plain(code), scope.Now.ToTime(), totp.LastStep) is { } step)
        {
            return scope.Sql.Execute(
                "UPDATE totp SET last_step = @step WHERE account_no = @account AND last_step < @step", ("@step", step), ("@account", account.Value)) > 0;
        }

        return RecoveryCode.TryParse(code, out RecoveryCode recovery) && scope.Sql.Execute(
            "UPDATE recovery_code SET used_at = @now WHERE account_no = @account AND hash = @hash AND used_at IS NULL",
            ("@now", scope.Now.Micros), ("@account", account.Value), ("@hash", recovery.Hash())) > 0;
    }

    /// <summary>Apps show a code with a space in its middle.</summary>
    private static string Plain(string code) => code.Replace(" ", "", StringComparison.Ordinal);

    private static Row Read(SqlRow row) => new(row.GetFieldValue<byte[]>(0), row.GetInt64(1));

    private sealed record Row(byte[] Secret, long LastStep);
}
