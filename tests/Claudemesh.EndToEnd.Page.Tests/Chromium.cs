using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Claudemesh.EndToEnd.Page.Tests.Chromium))]

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>One Chromium of the system for all tests; every visitor has a profile of his own in it. <c>./dev test</c> installs it where it is missing.</summary>
public sealed class Chromium : IAsyncLifetime
{
    // Debian's program itself: what is on the path is a script around it.
    private static readonly string[] Places = ["/usr/lib/chromium/chromium", "/usr/bin/chromium", "/usr/bin/google-chrome"];

    internal const float PatienceMs = 120_000;

    private IPlaywright? playwright;

    internal IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        string program = Environment.GetEnvironmentVariable("CLAUDEMESH_TEST_CHROMIUM")
            ?? Places.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no Chromium on this machine: apt-get install chromium.");
        // A machine may be busy with all the other tests.
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--headless=new"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        playwright?.Dispose();
    }
}
