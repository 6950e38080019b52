using System.Text;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>
/// Somebody at a browser with a profile of his own and an authenticator in it. What the page asks for and what the browser would not let it do
/// is kept, and looked at when he leaves: no request to anybody else, no violation of the policy, no error that nobody caught.
/// </summary>
internal sealed class Visitor : IAsyncDisposable
{
    /// <summary>What a passkey derived is noted where only the tests look; what the browser forbids is said aloud.</summary>
    private const string Watch = """
        addEventListener('securitypolicyviolation', (event) => console.error(`FORBIDDEN ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
        window.derivedByPasskeys = [];
        // The authenticator says yes by itself: offered in the field, a passkey would sign in whoever has just signed out.
        if (window.PublicKeyCredential && !OFFERS) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
        if (navigator.credentials) {
          for (const name of ['create', 'get']) {
            const original = navigator.credentials[name].bind(navigator.credentials);
            navigator.credentials[name] = async (options) => {
              const credential = await original(options);
              const results = credential?.getClientExtensionResults?.().prf?.results;
              if (results?.first) window.derivedByPasskeys.push([...new Uint8Array(results.first)]);
              return credential;
            };
          }
        }
        """;

    private readonly List<IRequest> requests = [];
    private readonly List<string> faults = [];
    private readonly Uri home;
    private readonly IBrowserContext context;

    private Visitor(IBrowserContext context, IPage page, Uri home)
    {
        this.context = context;
        this.home = home;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>What he may ask another address for: the loopback of an approval.</summary>
    public List<string> AllowedElsewhere { get; } = [];

    public static async Task<Visitor> ComeAsync(IBrowser browser, Uri home, BrowserNewContextOptions? options = null, bool authenticator = true, bool offersInField = false)
    {
        IBrowserContext profile = await browser.NewContextAsync(options ?? new BrowserNewContextOptions());
        profile.SetDefaultTimeout(Chromium.PatienceMs);
        await profile.AddInitScriptAsync(Watch.Replace("OFFERS", offersInField ? "true" : "false", StringComparison.Ordinal));
        IPage page = await profile.NewPageAsync();
        Visitor visitor = new(profile, page, home);
        profile.Request += (_, request) => visitor.Note(request);
        page.Console += (_, message) => visitor.Note(message);
        page.PageError += (_, error) => visitor.Fault($"error: {error}");
        if (authenticator)
            await visitor.AddAuthenticatorAsync();
        return visitor;
    }

    /// <summary>A platform's authenticator that says yes by itself and can derive secrets.</summary>
    private async Task AddAuthenticatorAsync()
    {
        ICDPSession devtools = await context.NewCDPSessionAsync(Page);
        await devtools.SendAsync("WebAuthn.enable");
        await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["ctap2Version"] = "ctap2_1",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
                ["hasPrf"] = true,
            },
        });
    }

    /// <summary>All that the browser keeps of the broker is gone; the authenticator is another thing and stays.</summary>
    public async Task LoseEverythingKeptAsync()
    {
        await context.ClearCookiesAsync();
        ICDPSession devtools = await context.NewCDPSessionAsync(Page);
        await devtools.SendAsync("Storage.clearDataForOrigin", new Dictionary<string, object>
        {
            ["origin"] = home.GetLeftPart(UriPartial.Authority), ["storageTypes"] = "all",
        });
        await Page.GotoAsync("about:blank");
    }

    public Task<IResponse?> GoAsync(string path) => Page.GotoAsync(new Uri(home, path).ToString());

    public Task ClickAsync(string name) => Button(name).ClickAsync();

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>A part of a long page.</summary>
    public ILocator Section(string title) => Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = title, Exact = true });

    public ILocator Field(string label) => Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true });

    public async Task SeeAsync(string text) => await Assertions.Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    /// <summary>Something was refused, and he is told what and why.</summary>
    public async Task SeeRefusalAsync() => await Assertions.Expect(Page.Locator("[role=alert]:not(:empty)").First).ToBeVisibleAsync();

    public async Task SeeTitleAsync(string title) =>
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = title, Exact = true })).ToBeVisibleAsync();

    /// <summary>Everything that was sent to the broker: addresses, headers and bodies.</summary>
    public async Task<byte[]> ReadSentAsync()
    {
        IRequest[] sent;
        lock (requests)
            sent = [.. requests];

        using MemoryStream all = new();
        foreach (IRequest request in sent)
        {
            all.Write(Encoding.UTF8.GetBytes($"{request.Method} {request.Url}\n"));
            foreach ((string name, string value) in await HeadersOfAsync(request))
                all.Write(Encoding.UTF8.GetBytes($"{name}: {value}\n"));
            all.Write(request.PostDataBuffer ?? []);
            all.WriteByte((byte)'\n');
        }

        return all.ToArray();
    }

    /// <summary>Of a request whose page has gone Chromium may never tell what the network added to it; what the page itself set is known.</summary>
    private static async Task<Dictionary<string, string>> HeadersOfAsync(IRequest request)
    {
        try
        {
            return await request.AllHeadersAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            return request.Headers;
        }
    }

    /// <summary>What passkeys derived since the page was opened, 32 bytes each.</summary>
    public async Task<byte[][]> ReadDerivedAsync() =>
        [.. (await Page.EvaluateAsync<int[][]>("() => window.derivedByPasskeys")).Select(bytes => bytes.Select(value => (byte)value).ToArray())];

    /// <summary>For a test that provokes what otherwise must not happen.</summary>
    public void ForgetFaults()
    {
        lock (requests)
            faults.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        string[] found;
        lock (requests)
        {
            IEnumerable<string> elsewhere = requests
                .Select(request => request.Url)
                .Where(url => !url.StartsWith(home.GetLeftPart(UriPartial.Authority) + "/", StringComparison.Ordinal)
                    && !url.StartsWith("data:", StringComparison.Ordinal)
                    && !AllowedElsewhere.Exists(allowed => url.StartsWith(allowed, StringComparison.Ordinal)));
            found = [.. faults, .. elsewhere.Select(url => $"asked {url}")];
        }

        Assert.Empty(found);
    }

    private void Note(IRequest request)
    {
        lock (requests)
            requests.Add(request);
    }

    private void Note(IConsoleMessage message)
    {
        // That an answer was a refusal is no fault of the page: it shows it.
        if (message.Type is "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            Fault($"console: {message.Text}");
    }

    private void Fault(string fault)
    {
        lock (requests)
            faults.Add(fault);
    }
}
