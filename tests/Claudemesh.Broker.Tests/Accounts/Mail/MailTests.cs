using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Broker.Tests.Accounts.SignIn;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Mail;

/// <summary>What is written to an account's address, over a real SMTP conversation.</summary>
public sealed partial class MailTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task An_address_is_the_accounts_once_the_link_that_was_sent_there_was_opened()
    {
        await using TestMailServer server = new();
        await using TestBroker broker = await StartAsync(server);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann", email: "ann@example.org");

        ReceivedMail mail = await server.NextAsync();
        Assert.Contains("<ann@example.org>", mail.To, StringComparison.Ordinal);
        Assert.Contains("<mesh@example.org>", mail.From, StringComparison.Ordinal);
        Assert.Equal("\0post\0pass word", mail.Login);
        Assert.False((bool)(await browser.GetAsync("/api/my/account")).Body!["emailVerified"]!);

        using TestBrowser reader = new(broker);
        RestAnswer opened = await reader.GetAsync(LinkIn(mail));
        Assert.Equal((302, "/account?email=verified"), (opened.Status, opened.Headers.Location!.PathAndQuery));
        Assert.True((bool)(await browser.GetAsync("/api/my/account")).Body!["emailVerified"]!);
        Assert.Contains("error=mail_link_invalid", (await reader.GetAsync(LinkIn(mail))).Headers.Location!.Query, StringComparison.Ordinal);
        Assert.Equal(401, (await reader.GetAsync("/api/my/account")).Status);
    }

    [Fact]
    public async Task A_link_is_over_with_its_time_with_the_next_one_and_with_another_address()
    {
        await using TestMailServer server = new();
        await using TestBroker broker = await StartAsync(server);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann", email: "ann@example.org");
        string first = LinkIn(await server.NextAsync());

        await browser.SendAsync(HttpMethod.Patch, "/api/my/account", new JsonObject { ["email"] = "ann@example.com" });
        string second = LinkIn(await server.NextAsync());
        Assert.Contains("error=", (await browser.GetAsync(first)).Headers.Location!.Query, StringComparison.Ordinal);

        Assert.Equal(204, (await browser.PostAsync("/api/my/email/verification")).Status);
        string third = LinkIn(await server.NextAsync());
        Assert.Contains("error=", (await browser.GetAsync(second)).Headers.Location!.Query, StringComparison.Ordinal);
        clock.Advance(AccountMail.LinkLife);
        Assert.Contains("error=", (await browser.GetAsync(third)).Headers.Location!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_becomes_a_device_is_told_to_the_accounts_address()
    {
        await using TestMailServer server = new();
        await using TestBroker broker = await StartAsync(server);
        using Person ann = await Person.StartAsync(broker, clock: clock);
        await broker.Services.GetRequiredService<Database>().WriteAsync(
            scope => scope.Sql.Execute("UPDATE account SET email = 'ann@example.org', email_verified_at = 1 WHERE user_id = @id", ("@id", ann.Id.Value)),
            CancellationToken.None);
        using NewMachine machine = await NewMachine.AskAsync(broker, "laptop", loopbackPort: null, clock: clock);

        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name)).Status);
        Assert.Equal(200, (await machine.FetchAsync()).Status);

        ReceivedMail mail = await server.NextAsync();
        Assert.Contains("Subject: A new device", mail.Data, StringComparison.Ordinal);
        Assert.Contains("laptop, at 127.0.0.1", mail.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_on_a_new_browser_is_told_to_an_address_that_is_the_accounts_and_to_no_other()
    {
        await using TestMailServer server = new();
        await using TestBroker broker = await StartAsync(server);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann", email: "ann@example.org");
        string link = LinkIn(await server.NextAsync());
        using TestBrowser other = new(broker, from: "203.0.113.7");
        await other.SignInAsync("ann");
        await browser.GetAsync(link);

        using TestBrowser third = new(broker, from: "203.0.113.8");
        await third.SignInAsync("ann");

        ReceivedMail mail = await server.NextAsync();
        Assert.Contains("Subject: A new sign-in", mail.Data, StringComparison.Ordinal);
        Assert.Contains("203.0.113.8", mail.Data, StringComparison.Ordinal);

        // Known by now, so it is not told again; the next letter is of something else.
        await third.SignInAsync("ann");
        using TestAuthenticator passkey = new();
        JsonObject begun = (await third.PostAsync("/api/my/passkeys/options")).Body!;
        await third.PostAsync("/api/my/passkeys", new JsonObject
        {
            ["ceremony"] = (string?)begun["ceremony"], ["credential"] = passkey.Create(begun["options"]!, third.Origin), ["name"] = "phone",
        });
        Assert.Contains("Subject: A new passkey", (await server.NextAsync()).Data, StringComparison.Ordinal);
        Assert.Equal(0, server.Count);
    }

    [Fact]
    public async Task A_letter_that_is_not_taken_now_is_tried_again()
    {
        await using TestMailServer server = new(refusals: 1);
        await using TestBroker broker = await StartAsync(server);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann", email: "ann@example.org");

        await Eventually.IsAsync("the server has refused once", () => server.RefusalsLeft == 0);
        Task<ReceivedMail> next = server.NextAsync();
        await Eventually.IsAsync("it is taken", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            return next.IsCompleted;
        });
        Assert.Contains("ann@example.org", (await next).To, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mail_server_an_address_is_kept_and_nothing_is_sent()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann", email: "ann@example.org");

        Assert.Equal("ann@example.org", (string?)(await browser.GetAsync("/api/my/account")).Body!["email"]);
        Assert.Equal("mail_absent", (await browser.PostAsync("/api/my/email/verification")).Code);
        Assert.False((bool)(await browser.GetAsync("/api/auth/state")).Body!["mail"]!);
    }

    [Theory]
    [InlineData("ann@example.org\r\nBcc: eve@example.org")]
    [InlineData("ann@example.org,eve@example.org")]
    [InlineData("ann")]
    [InlineData("@example.org")]
    [InlineData("ann@")]
    [InlineData("ann@-example.org")]
    [InlineData("\"a b\"@example.org")]
    public async Task What_is_no_single_address_is_refused(string email)
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);

        Assert.Equal("invalid_args", (await browser.SignUpAsync("ann", email: email)).Code);
    }

    [Theory]
    [InlineData("mail.example", "a@b.example")]
    [InlineData("http://mail.example", "a@b.example")]
    [InlineData("smtp://", "a@b.example")]
    [InlineData("smtp://mail.example/x", "a@b.example")]
    [InlineData("smtp://mail.example", null)]
    [InlineData("smtp://mail.example", "nobody")]
    public void A_mistake_in_the_settings_is_told(string server, string? from) => Assert.Throws<FormatException>(() => MailServer.Parse(server, from));

    [Fact]
    public void The_settings_do_not_print_their_password()
    {
        MailServer server = MailServer.Parse("smtps://post:p%40ss@mail.example", "Mesh <mesh@example.org>");

        Assert.Equal("mail.example:465", server.ToString());
        Assert.Equal(587, MailServer.Parse("smtp://mail.example", "mesh@example.org").Port);
    }

    private Task<TestBroker> StartAsync(TestMailServer server) => SignInBench.StartAsync(clock, change: settings => settings with
    {
        Mail = MailServer.Parse($"smtp://post:pass%20word@127.0.0.1:{server.Port}", "mesh@example.org"),
    });

    /// <summary>Long lines are folded in quoted-printable.</summary>
    private static string LinkIn(ReceivedMail mail)
    {
        string text = mail.Data.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        return new Uri(WebUtility.HtmlDecode(Link().Match(text).Value)).PathAndQuery;
    }

    [GeneratedRegex(@"http://localhost:\d+/api/auth/mail/verify\?token=[\w-]+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Link();
}
