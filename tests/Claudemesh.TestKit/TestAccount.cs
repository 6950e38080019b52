using System.Net.Http.Headers;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.TestKit;

/// <summary>An account that is signed in at a broker of this process, made in its store: for tests that are not about signing in.</summary>
public sealed class TestAccount : IDisposable
{
    private TestAccount(TestBroker broker, UserId id, string token, long sessionNo)
    {
        (Id, SessionNo) = (id, sessionNo);
        Http = new HttpClient { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public UserId Id { get; }

    public long SessionNo { get; }

    /// <summary>Asks as the account, by the access token of a session that is fresh.</summary>
    public HttpClient Http { get; }

    public string Token => Http.DefaultRequestHeaders.Authorization!.Parameter!;

    /// <param name="device">The device that is signed in; null: a browser.</param>
    public static async Task<TestAccount> CreateAsync(TestBroker broker, string username, PublicKey? device = null, bool isOperator = false)
    {
        Database database = broker.Services.GetRequiredService<Database>();
        (Account account, LoginSession session) = await database.WriteAsync(
            scope =>
            {
                Account added = AccountStore.Add(scope, new NewAccount(UserId.Parse(RandomBytes.NextId()), username, username, username, null, isOperator))!;
                return (added, Open(scope, added, device));
            },
            CancellationToken.None);
        return Of(broker, account, session);
    }

    /// <summary>The same account, signed in once more.</summary>
    public async Task<TestAccount> SignInAgainAsync(TestBroker broker, PublicKey? device = null)
    {
        Account account = (await broker.Services.GetRequiredService<AccountStore>().FindAsync(Id, CancellationToken.None))!;
        LoginSession session = await broker.Services.GetRequiredService<Database>().WriteAsync(scope => Open(scope, account, device), CancellationToken.None);
        return Of(broker, account, session);
    }

    /// <summary>Makes a member of a workspace this account's, as its own proof would.</summary>
    public Task OwnMemberAsync(TestBroker broker, string memberId) => broker.Services.GetRequiredService<Database>().WriteAsync(
        scope => scope.Sql.Execute(
            "UPDATE member SET account_no = (SELECT no FROM account WHERE user_id = @user) WHERE id = @member", ("@user", Id.Value), ("@member", memberId)),
        CancellationToken.None);

    public void Dispose() => Http.Dispose();

    private static TestAccount Of(TestBroker broker, Account account, LoginSession session) =>
        new(broker, account.Id, broker.Services.GetRequiredService<AccessTokens>().Mint(account, session), session.No);

    private static LoginSession Open(WriteScope scope, Account account, PublicKey? device) => LoginSessionStore.Open(
        scope, new NewLogin(account.No, device is null ? LoginKind.Browser : LoginKind.Device, device, "a test", "127.0.0.1"));
}
