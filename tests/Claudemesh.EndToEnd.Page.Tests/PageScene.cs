using System.Text.RegularExpressions;
using Claudemesh.EndToEnd.Tests;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>A fresh broker, as its operator sees it: it printed its set-up link and nobody has used that.</summary>
internal sealed partial class PageScene : IAsyncDisposable
{
    private readonly IBrowser browser;

    private PageScene(BrokerProgram broker, IBrowser browser)
    {
        Broker = broker;
        this.browser = browser;
    }

    public BrokerProgram Broker { get; }

    /// <summary>Where people reach it: passkeys need a name, so it is not 127.0.0.1.</summary>
    public Uri Home => new($"http://localhost:{Broker.Url.Port}/");

    public static async Task<PageScene> SetAsync(Chromium chromium, params string[] flags) =>
        new(await BrokerProgram.StartAsync(null, null, flags), chromium.Browser);

    public Task<Visitor> ComeAsync(BrowserNewContextOptions? options = null, bool authenticator = true, bool offersInField = false) =>
        Visitor.ComeAsync(browser, Home, options, authenticator, offersInField);

    /// <summary>The link that the broker printed at its first start.</summary>
    public async Task<string> FindSetUpLinkAsync() => await Eventually.IsAsync(
        "the broker has printed its set-up link",
        () => Task.FromResult(SetUpLink().Match(Broker.Log) is { Success: true } found ? found.Value : null));

    /// <summary>The first account, made with a passkey by the link; the visitor is at home then, and his browser is a device.</summary>
    public async Task<Visitor> SetUpAsync(string username = "alice", string displayName = "Alice")
    {
        Visitor visitor = await ComeAsync();
        await visitor.SetUpByAsync(await FindSetUpLinkAsync(), username, displayName);
        await visitor.SeeAsync("You have no way back yet");
        return visitor;
    }

    /// <summary>Logs a machine in and approves it on the page, on the same computer.</summary>
    public async Task LetInAsync(Visitor visitor, Person machine, string name)
    {
        using LoginTerminal login = await LoginTerminal.StartAsync(machine, Home, name);
        visitor.AllowedElsewhere.Add("http://127.0.0.1:");
        await visitor.Page.GotoAsync(login.Link);
        await visitor.ProveAndAsync("Show that it is you, then approve");
        await visitor.ClickAsync("Approve");
        await login.FinishAsync();
    }

    public ValueTask DisposeAsync() => Broker.DisposeAsync();

    [GeneratedRegex(@"http://\S+/setup#\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SetUpLink();
}
