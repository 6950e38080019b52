using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A broker that is not there, and a company's network between it and us: each reason has its own words and its own remedy.</summary>
public sealed class NetworkTests
{
    [Fact]
    public async Task A_broker_that_is_down_is_told_and_what_is_sent_arrives_when_it_is_back()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person dave = new("dave");
        string link = await scene.InviteAsync();
        await scene.Alice.DoAsync("peers");
        await scene.Broker.KillAsync();
        Ended tried = await scene.Alice.TryAsync("daemon", "reconnect");

        Assert.Equal((int)ExitCode.Network, tried.Code);
        Assert.Contains("Nobody answers there", tried.Output, StringComparison.Ordinal);
        TroubleshootingPage.AssertTold("The broker is down", await scene.Alice.TryAsync("invite"));
        TroubleshootingPage.AssertTold("The broker is down", await scene.Alice.TryAsync("send", "carol", "who?"));
        TroubleshootingPage.AssertTold("The broker is down", await dave.TryAsync("join", link));
        TroubleshootingPage.AssertTold("The broker is down", await dave.TryAsync("new", "other", "--broker", scene.Broker.Url.ToString()));
        TroubleshootingPage.AssertTold("The broker is down, for who sends and waits", await scene.Alice.TryAsync("send", "bob", "one", "--wait", "accepted", "--timeout", "1s"));
        Assert.Equal(0, (await scene.Alice.TryAsync("send", "bob", "two")).Code);
        Assert.Contains("Nobody answers there", (await scene.Alice.TryAsync("peers")).Error, StringComparison.Ordinal);

        await scene.Broker.StartAgainAsync();
        await scene.Alice.DoAsync("daemon", "reconnect");
        await scene.Bob.DoAsync("daemon", "reconnect");
        await Eventually.IsAsync("both have arrived", async () => await scene.Bob.ReadInboxAsync() is { Count: 2 } ? "so" : null);
        Assert.Equal(["one", "two"], (await scene.Bob.ReadInboxAsync()).Select(item => item.Text));
    }

    [Fact]
    public async Task An_address_without_a_broker_is_told_apart_from_one_without_anybody()
    {
        await using Person alice = new("alice");
        await using var page = new Front((client, closing) => client.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<html/>"u8.ToArray(), closing).AsTask());

        TroubleshootingPage.AssertTold("The broker's name is wrong", await alice.TryAsync("new", "acme", "--broker", "http://mesh.invalid:7900"));
        TroubleshootingPage.AssertTold("What answers is no broker", await alice.TryAsync("new", "acme", "--broker", $"http://127.0.0.1:{page.Port}"));
    }

    [Fact]
    public async Task A_broker_that_only_a_proxy_reaches_is_reached_by_it_and_a_broker_on_this_machine_is_not()
    {
        await using Scene scene = await Scene.SetAsync();
        await using var proxy = new ForwardProxy(scene.Broker.Url, login: "me:secret");
        await using Person carol = new("carol");
        string broker = $"http://{ForwardProxy.Host}:{scene.Broker.Url.Port}";
        using var nobody = new HeldPort();

        (string, string)[] wrong = [("HTTP_PROXY", nobody.Url.ToString()), ("NO_PROXY", "")];
        TroubleshootingPage.AssertTold("The proxy is not there", await carol.TryInAsync(wrong, "new", "far", "--broker", broker));
        Assert.Equal(0, (await carol.TryInAsync(wrong, "join", await scene.InviteAsync(), "--as", "carol")).Code);

        (string, string)[] nameless = [("HTTP_PROXY", proxy.Address()), ("NO_PROXY", "")];
        await carol.DoAsync("daemon", "down");
        Ended refused = await carol.TryInAsync(nameless, "new", "far", "--broker", broker);
        TroubleshootingPage.AssertTold("The proxy asks for a password", refused);

        (string, string)[] right = [("HTTP_PROXY", proxy.Address("me:secret")), ("NO_PROXY", "")];
        await carol.DoAsync("daemon", "down");
        Ended made = await carol.TryInAsync(right, "new", "far", "--broker", broker);
        Assert.Equal((0, ""), (made.Code, made.Error));
        await Eventually.IsAsync("connected by the proxy, and past it", async () =>
            (await carol.DoAsync("status")).GetProperty("workspaces").EnumerateArray().All(one => one.GetProperty("state").GetString() is ConnectionStates.Open) ? "so" : null);
        Assert.DoesNotContain("secret", (await carol.TryAsync("doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_of_a_companys_own_authority_is_refused_until_that_is_trusted()
    {
        await using BrokerProgram broker = await BrokerProgram.StartAsync();
        using var authority = new TestAuthority("company");
        using X509Certificate2 certificate = authority.IssueForLoopback();
        await using Front front = Front.Securing(broker.Url, certificate);
        await using Person alice = new("alice");
        string address = $"https://127.0.0.1:{front.Port}";

        TroubleshootingPage.AssertTold("The broker's certificate is of the company's own authority", await alice.TryAsync("new", "acme", "--broker", address));

        (string, string)[] trusting = [("SSL_CERT_FILE", authority.SaveTo(alice.Folder))];
        await alice.DoAsync("daemon", "down");
        Ended made = await alice.TryInAsync(trusting, "new", "acme", "--broker", address, "--as", "alice");
        Assert.Equal((0, ""), (made.Code, made.Error));
        await alice.DoAsync("send", "--self", "sealed twice", "--wait", "delivered");

        // The same daemon started by a shell that does not have the variable says it wherever one looks.
        await alice.DoAsync("daemon", "down");
        Assert.Contains("an authority that this machine does not trust", (await alice.TryAsync("peers")).Error, StringComparison.Ordinal);
        Assert.Contains("SSL_CERT_FILE", (await alice.TryAsync("doctor")).Output, StringComparison.Ordinal);
    }
}
