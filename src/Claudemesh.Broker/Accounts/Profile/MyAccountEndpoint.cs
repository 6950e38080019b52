using System.Buffers;
using System.Text.Json;
using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Passkeys;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Profile;

/// <summary>The account that is signed in: what it is, its names, its end.</summary>
internal sealed class MyAccountEndpoint(
    Database database, IEnumerable<IAccountPart> parts, AccountStore accounts, AccountMail mail, LoginSessions sessions, BrowserCookies cookies, TimeProvider clock)
{
    public async Task ShowAsync(RestCall call) =>
        await call.AnswerAsync(await database.ReadAsync((Sql sql) => Describe(sql, call.Account), call.Aborted));

    public async Task ChangeAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<ChangeAccount>() is not { } request)
            return;

        Account before = call.Account;
        await database.WriteAsync(scope => Change(scope, before.No, request), call.Aborted);
        Account? after = await accounts.FindAsync(before.Id, call.Aborted);
        if (after is null)
        {
            await call.RefuseAsync(MeshError.TokenInvalid);
            return;
        }

        if (after.Email != before.Email)
            await mail.AskToVerifyAsync(after, call.Aborted);
        await call.AnswerAsync(await database.ReadAsync((Sql sql) => Describe(sql, after), call.Aborted));
    }

    public async Task DeleteAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<DeleteAccount>() is not { } request)
            return;
        if (!string.Equals(request.Confirm, call.Account.Username, StringComparison.Ordinal))
        {
            await call.RefuseAsync(MeshError.ConfirmationWrong);
            return;
        }

        AccountNo no = call.Account.No;
        (MeshError? refusal, List<long> ended) = await database.WriteAsync(scope => Delete(scope, no), call.Aborted);
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        sessions.Ended(ended);
        foreach (IAccountPart part in parts)
            part.Deleted(no);
        cookies.Clear(call.Http.Response);
        await call.AnswerAsync(refusal: null);
    }

    public async Task ExportAsync(RestCall call)
    {
        ArrayBufferWriter<byte> bytes = new();
        await using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            await database.ReadAsync(
                (Sql sql) =>
                {
                    foreach (IAccountPart part in parts)
                        part.Export(sql, call.Account.No, json);
                    return true;
                },
                call.Aborted);
            json.WriteEndObject();
        }

        using JsonDocument data = JsonDocument.Parse(bytes.WrittenMemory);
        await call.AnswerAsync(new AccountExport(call.Account.Summary, clock.GetUtcNow(), data.RootElement.Clone()));
    }

    private static MyAccount Describe(Sql sql, Account account)
    {
        HashSet<string> recovering = RecoveryStore.ListPasskeys(sql, account.No);
        return new MyAccount(
            account.Summary,
            account.CreatedAt,
            [.. PasskeyStore.List(sql, account.No).Select(passkey => PasskeyNews.InfoOf(passkey, recovering.Contains(passkey.Id)))],
            PasswordStore.Has(sql, account.No),
            SecondFactorStore.Has(sql, account.No),
            SecondFactorStore.CountCodes(sql, account.No),
            account.Email is { } email ? EmailAddress.Parse(email) : null,
            account.Email is null ? null : account.EmailVerifiedAt is not null,
            ListLinks(sql, account.No));
    }

    private static OidcLinkInfo[]? ListLinks(Sql sql, AccountNo account)
    {
        List<OidcLinkInfo> links = sql.List(
            "SELECT issuer, linked_at FROM oidc_link WHERE account_no = @account ORDER BY linked_at",
            static row => new OidcLinkInfo(row.GetString(0), new Instant(row.GetInt64(1)).ToTime()), ("@account", account.Value));
        return links.Count == 0 ? null : [.. links];
    }

    /// <summary>Another address has not been shown to be his, whatever the one before was.</summary>
    private static bool Change(WriteScope scope, AccountNo account, ChangeAccount request)
    {
        if (request.DisplayName is { } name)
            scope.Sql.Execute("UPDATE account SET display_name = @name WHERE no = @no", ("@name", name.Value), ("@no", account.Value));
        if (request.Email is { } email)
        {
            scope.Sql.Execute(
                "UPDATE account SET email = @email, email_verified_at = NULL WHERE no = @no AND COALESCE(email, '') <> @text",
                ("@email", email.Length == 0 ? null : email), ("@no", account.Value), ("@text", email));
        }

        return true;
    }

    private (MeshError? Refusal, List<long> Ended) Delete(WriteScope scope, AccountNo account)
    {
        List<string> owned = scope.Sql.List(
            """
            SELECT h.slug FROM member m JOIN mesh h ON h.no = m.mesh_no
            WHERE m.account_no = @account AND m.role = @owner AND m.removed_at IS NULL AND h.archived_at IS NULL ORDER BY h.slug LIMIT 100
            """,
            static row => row.GetString(0), ("@account", account.Value), ("@owner", (long)MemberRole.Owner));
        if (owned.Count > 0)
        {
            return (MeshError.OwnsWorkspaces.With(
                $"Deleting is forbidden while the account owns workspaces: {string.Join(", ", owned)}. Transfer or delete them first."), []);
        }

        List<long> ended = LoginSessionStore.EndAll(scope, account);
        foreach (IAccountPart part in parts)
            part.Delete(scope, account);
        return (null, ended);
    }
}
