using System.Diagnostics;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Somebody with a HOME of his own, who types verbs; his daemon is whatever the verbs started.</summary>
/// <param name="home">Where his folder is, if it is to be in a certain place.</param>
internal sealed class Person(string name, string? home = null) : IAsyncDisposable
{
    // Unix sockets have short names: the folder must too.
    private readonly string folder = home ?? Directory.CreateTempSubdirectory("cm-" + name[..1]).FullName;

    public string Name => name;

    public string Folder => folder;

    /// <summary>What his programs find in their environment; nothing of the session that the tests may run in.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment =>
    [
        (DaemonHome.Variable, folder), ("NO_COLOR", "1"), ("CLAUDECODE", ""), ("CLAUDEMESH_SESSION_ID", ""), ("CLAUDE_CODE_SESSION_ID", ""), ("CLAUDE_PROJECT_DIR", ""),
    ];

    public LocalClient Client => new(new DaemonHome(folder).Socket);

    /// <summary>Runs a verb that must succeed, and gives its record.</summary>
    public Task<JsonElement> DoAsync(params string[] arguments) => DoAsAsync("", arguments);

    /// <summary>As the model of that session does it in its shell.</summary>
    public async Task<JsonElement> DoAsAsync(string session, params string[] arguments)
    {
        Ended ended = await TryAsAsync(session, [.. arguments, "--json"]);
        if (ended.Code != 0)
            throw new InvalidOperationException($"{name}: claudemesh {string.Join(' ', arguments)} ended with {ended.Code}: {ended.Output}{ended.Error}");

        return JsonDocument.Parse(ended.Output).RootElement;
    }

    public Task<Ended> TryAsync(params string[] arguments) => TryAsAsync("", arguments);

    /// <summary>Sends a text that no command line takes.</summary>
    public async Task SendTextAsync(string to, string text)
    {
        LocalReply<SendResult> sent = await Client.SendAsync(new SendMessage(to, text), CancellationToken.None);
        Assert.True(sent.Succeeded, sent.Problem?.Detail);
    }

    /// <param name="changes">What is different in the environment of this one call.</param>
    public Task<Ended> TryInAsync(IEnumerable<(string Name, string Value)> changes, params string[] arguments) =>
        Programs.RunAsync(Programs.Find("claudemesh"), arguments, EnvironmentWith(changes));

    public Dictionary<string, string> EnvironmentWith(IEnumerable<(string Name, string Value)> changes)
    {
        Dictionary<string, string> environment = Environment.ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
        foreach ((string variable, string value) in changes)
            environment[variable] = value;
        return environment;
    }

    /// <summary>Kills his daemon with SIGKILL; gives its process id, or 0 when none ran.</summary>
    public async Task<int> KillDaemonAsync()
    {
        LocalReply<DaemonVersion> version = await Client.GetVersionAsync(CancellationToken.None);
        if (!version.Succeeded)
            return 0;

        using Process daemon = Process.GetProcessById(version.Value.Pid);
        daemon.Kill();
        await Eventually.IsAsync("the daemon has ended", () => Task.FromResult(HasEnded(version.Value.Pid) ? "so" : null));
        return version.Value.Pid;
    }

    /// <summary>Also when whoever has to has not asked yet how it ended: that may take init seconds.</summary>
    private static bool HasEnded(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Everything in the inbox, oldest first.</summary>
    public async Task<IReadOnlyList<InboxItem>> ReadInboxAsync()
    {
        List<InboxItem> items = [];
        while (true)
        {
            long after = items.Count == 0 ? 0 : items[^1].Sequence;
            LocalReply<InboxPage> page = await Client.ReadInboxAsync(
                new InboxQuery(After: after, Limit: LocalLimits.InboxPageMax), CancellationToken.None);
            if (!page.Succeeded)
                throw new InvalidOperationException($"{name}'s inbox: {page.Problem.Detail}");

            items.AddRange(page.Value.Items);
            if (!page.Value.More)
                return items;
        }
    }

    private Task<Ended> TryAsAsync(string session, string[] arguments) => TryInAsync([("CLAUDE_CODE_SESSION_ID", session)], arguments);

    public async ValueTask DisposeAsync()
    {
        await KillDaemonAsync();
        Directory.Delete(folder, recursive: true);
    }
}
