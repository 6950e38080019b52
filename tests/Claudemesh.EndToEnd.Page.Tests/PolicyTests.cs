using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>The page holds keys: what a browser lets it do is little, and it stays within that.</summary>
public sealed class PolicyTests(Chromium chromium)
{
    private static readonly string[] Paths = ["/", "/setup", "/sign-up", "/sign-in", "/i/abc", "/device", "/device?code=ABCD-EFGH", "/account"];

    [Fact]
    public async Task A_page_asks_nobody_else_and_does_nothing_that_its_policy_forbids()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor visitor = await scene.ComeAsync();
        foreach (string path in Paths)
        {
            IResponse? answer = await visitor.GoAsync(path);
            Assert.Equal(200, answer!.Status);
            Assert.Contains("default-src 'none'", answer.Headers["content-security-policy"], StringComparison.Ordinal);
            await visitor.SeeTitleAsync("Set up this broker");
        }
    }

    [Fact]
    public async Task A_script_that_somebody_slips_in_does_not_run()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor visitor = await scene.ComeAsync();
        await visitor.GoAsync("/setup");
        string ran = await visitor.Page.EvaluateAsync<string>("""
            () => new Promise((resolve) => {
              addEventListener('securitypolicyviolation', () => resolve('forbidden'));
              const script = document.createElement('script');
              try { script.textContent = 'window.ran = true'; document.body.append(script); } catch { resolve('forbidden'); return; }
              setTimeout(() => resolve(window.ran ? 'ran' : 'did not run'), 500);
            })
            """);
        Assert.NotEqual("ran", ran);
        visitor.ForgetFaults();
    }
}
