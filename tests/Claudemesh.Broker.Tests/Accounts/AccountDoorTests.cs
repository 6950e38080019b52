using System.Net;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts;

/// <summary>What the door asks of an account, with routes of its own that note who came.</summary>
public sealed class AccountDoorTests
{
    private static readonly Uri Read = new("/api/my/door-read", UriKind.Relative);
    private static readonly Uri Secure = new("/api/my/door-secure", UriKind.Relative);

    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task An_account_that_is_signed_in_is_let_in_and_nobody_else()
    {
        await using TestBroker broker = await StartAsync();
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        Assert.Equal(ann.Id.Value, await ann.Http.GetStringAsync(Read));
        Assert.Equal((401, "sign_in_required"), await RefusalAsync(broker.Http, Read));
    }

    [Fact]
    public async Task What_is_dangerous_asks_for_a_proof_of_the_last_minutes()
    {
        await using TestBroker broker = await StartAsync();
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        Assert.Equal(ann.Id.Value, await ann.Http.GetStringAsync(Secure));
        clock.Advance(LoginSession.FreshFor);
        Assert.Equal((403, "fresh_authentication_required"), await RefusalAsync(ann.Http, Secure));
        Assert.Equal(ann.Id.Value, await ann.Http.GetStringAsync(Read));
    }

    [Fact]
    public async Task A_token_is_over_with_its_session_and_with_its_time()
    {
        await using TestBroker broker = await StartAsync();
        using TestAccount first = await TestAccount.CreateAsync(broker, "ann");
        using TestAccount second = await first.SignInAgainAsync(broker);
        LoginSessions sessions = broker.Services.GetRequiredService<LoginSessions>();
        List<LoginSession> open = await broker.Services.GetRequiredService<LoginSessionStore>().ListAsync(
            (await broker.Services.GetRequiredService<Broker.Accounts.AccountStore>().FindAsync(first.Id, CancellationToken.None))!.No, CancellationToken.None);

        await sessions.EndAsync(open.Single(session => session.No == first.SessionNo), CancellationToken.None);
        Assert.Equal((401, "token_invalid"), await RefusalAsync(first.Http, Read));
        Assert.Equal(second.Id.Value, await second.Http.GetStringAsync(Read));

        clock.Advance(TimeSpan.FromMinutes(12));
        Assert.Equal((401, "token_invalid"), await RefusalAsync(second.Http, Read));
    }

    private static async Task<(int Status, string? Code)> RefusalAsync(HttpClient http, Uri at)
    {
        RestAnswer answer = await RestAnswer.ReadAsync(await http.GetAsync(at));
        Assert.Equal(answer.Status == (int)HttpStatusCode.Unauthorized, answer.Headers.WwwAuthenticate.Count > 0);
        return (answer.Status, answer.Code);
    }

    private Task<TestBroker> StartAsync() => TestBroker.StartAsync(clock, services: services =>
    {
        RestRoutes routes = (RestRoutes)services.Last(service => service.ServiceType == typeof(RestRoutes)).ImplementationInstance!;
        routes.Add(new RestRoute("GET", "/door-read", Operation.ReadAccount, KeyReach.Workspace, "", SayAsync) { Root = RestRoutes.My });
        routes.Add(new RestRoute("GET", "/door-secure", Operation.SecureAccount, KeyReach.Workspace, "", SayAsync) { Root = RestRoutes.My });
    });

    private static Task SayAsync(RestCall call) => call.Http.Response.WriteAsync(call.Account.Id.Value);
}
