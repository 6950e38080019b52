using System.Text.Json;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>What visitors do on the pages more than once.</summary>
internal static class VisitorDeeds
{
    extension(Visitor visitor)
    {
        public async Task SetUpByAsync(string link, string username, string displayName)
        {
            await visitor.Page.GotoAsync(link);
            await visitor.Field("Username").FillAsync(username);
            await visitor.Field("Your name").FillAsync(displayName);
            await visitor.ClickAsync("Go on with a passkey");
            await visitor.SeeTitleAsync($"Hello, {displayName}");
        }

        /// <summary>Presses a button that asks who one is, and answers with the passkey where it does.</summary>
        public async Task ProveAndAsync(string button)
        {
            ILocator proof = visitor.Button(button);
            ILocator proved = visitor.Page.Locator("form button.danger, form button.first").First;
            await proof.Or(proved).First.WaitForAsync();
            if (!await proof.IsVisibleAsync())
                return;

            await proof.ClickAsync();
            await visitor.ProveIfAskedAsync(proved);
        }

        /// <summary>Answers the question whether it is really him with a passkey; it is not asked of whoever has just proved it.</summary>
        /// <param name="done">What is to be seen when it is answered, or was not asked.</param>
        public async Task ProveIfAskedAsync(ILocator done)
        {
            ILocator dialog = visitor.Page.GetByRole(AriaRole.Dialog);
            await dialog.Or(done).First.WaitForAsync();
            if (await dialog.IsVisibleAsync())
                await dialog.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
            await Assertions.Expect(done).ToBeVisibleAsync();
        }

        public async Task ProveByPasswordAsync(string password, ILocator done)
        {
            ILocator dialog = visitor.Page.GetByRole(AriaRole.Dialog);
            await dialog.Or(done).First.WaitForAsync();
            if (await dialog.IsVisibleAsync())
            {
                await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
                await dialog.GetByRole(AriaRole.Button, new() { Name = "Use the password" }).ClickAsync();
            }

            await Assertions.Expect(done).ToBeVisibleAsync();
        }

        public async Task SignInByPasswordAsync(string username, string password)
        {
            await visitor.GoAsync("/sign-in");
            await visitor.Field("Username").FillAsync(username);
            await visitor.Field("Password").FillAsync(password);
            await visitor.ClickAsync("Sign in");
            await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Hello");
        }

        public async Task SetPasswordAsync(string password)
        {
            await visitor.GoAsync("/account");
            ILocator section = visitor.Section("Password and codes");
            await section.GetByRole(AriaRole.Button, new() { Name = "Set one", Exact = true }).ClickAsync();
            await visitor.Field("New password").FillAsync(password);
            await section.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
            await visitor.ProveIfAskedAsync(visitor.Button("Set up an authenticator"));
        }

        /// <summary>Makes a recovery key and gives what would be on the paper.</summary>
        public async Task<string> PrintRecoveryKeyAsync()
        {
            await visitor.GoAsync("/account");
            await visitor.ClickAsync("Make one");
            ILocator groups = visitor.Page.Locator(".groups span");
            await Assertions.Expect(groups).ToHaveCountAsync(9);
            IReadOnlyList<string> printed = await groups.AllInnerTextsAsync();
            await visitor.Field("Type its last group, from what you wrote down").FillAsync(printed[^1]);
            await visitor.ClickAsync("Keep this key");
            await visitor.ProveIfAskedAsync(visitor.Button("Make a new one"));
            return string.Join('-', printed);
        }

        /// <summary>Presses Tab until the thing of that name has the focus.</summary>
        public async Task TabToAsync(string name)
        {
            for (int presses = 0; presses < 60; presses++)
            {
                string focused = await visitor.Page.EvaluateAsync<string>("""
                    () => {
                      const on = document.activeElement;
                      return (on?.labels?.[0]?.firstChild?.textContent ?? on?.getAttribute('aria-label') ?? on?.textContent ?? '').trim();
                    }
                    """);
                if (focused == name)
                    return;

                await visitor.Page.Keyboard.PressAsync("Tab");
            }

            Assert.Fail($"The keyboard does not reach {name}.");
        }

        /// <summary>What axe-core finds: contrasts, names, roles, order.</summary>
        public async Task<string[]> FindBarriersAsync(string path)
        {
            await visitor.Page.EvaluateAsync(await Axe.ReadAsync());
            string found = await visitor.Page.EvaluateAsync<string>("""
                async () => {
                  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
                  return JSON.stringify(violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`));
                }
                """);
            return [.. JsonDocument.Parse(found).RootElement.EnumerateArray().Select(each => $"{path} {each.GetString()}")];
        }
    }
}

/// <summary>axe-core, from the packages of the page.</summary>
internal static class Axe
{
    public static Task<string> ReadAsync()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Claudemesh.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return File.ReadAllTextAsync(Path.Combine(folder.FullName, "dashboard", "node_modules", "axe-core", "axe.min.js"));
    }
}
