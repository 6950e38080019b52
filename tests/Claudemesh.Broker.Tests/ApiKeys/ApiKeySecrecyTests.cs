using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Tests.ApiKeys;

/// <summary>A key's secret is in the one answer that tells it, and nowhere else: in no log line, refusal, figure or file.</summary>
public sealed class ApiKeySecrecyTests
{
    [Fact]
    public async Task A_secret_is_told_once_and_left_nowhere()
    {
        using LogCatcher logs = new();
        await using TestBroker broker = await TestBroker.StartAsync(services: services => services
            .AddSingleton<ILoggerFactory>(logs).PostConfigure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Trace));
        await using TestMesh mesh = await TestMesh.StartAsync(broker: broker);
        await using TestPeer owner = await mesh.OwnerAsync();
        List<string> answers = [];

        JsonObject made = await owner.AskAsync(new ApiKeyCreate(DisplayName.Parse("canary"), [KeyCapability.Admin]));
        using TestKey key = new(broker, (string)made["id"]!, (string)made["secret"]!);
        using TestKey wrong = new(broker, key.Id, key.Secret[..^1] + (key.Secret[^1] is 'A' ? 'E' : 'A'));
        RestAnswer child = await key.PostAsync("/api-keys", """{"label":"child","capabilities":["read"]}""");
        using TestKey second = new(broker, (string)child.Body!["id"]!, (string)child.Body["secret"]!);
        JsonObject rotated = await owner.AskAsync(new ApiKeyRotate(second.Id));
        using TestKey third = new(broker, second.Id, (string)rotated["secret"]!);
        foreach (TestKey each in new[] { key, wrong, second, third })
        {
            foreach (string path in (string[])["/peers", "/api-keys", "/nowhere", "/api-keys?label=x"])
                answers.Add((await each.GetAsync(path)).Text);
            answers.Add((await each.PostAsync("/api-keys", "not json")).Text);
            answers.Add((await owner.AskAsync(new ApiKeyRevoke(each.Secret))).ToJsonString());
            answers.Add((await owner.AskAsync(new ApiKeyRotate(each.Secret))).ToJsonString());
        }

        answers.Add((await owner.AskAsync(new ApiKeyList())).ToJsonString());
        answers.Add(await broker.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)));
        byte[] database = await ReadAllAsync(broker);

        Assert.Contains(logs.Lines, line => line.Contains("made API key", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Contains("rotated API key", StringComparison.Ordinal));
        Assert.Contains(answers, answer => answer.Contains(third.Secret[..ApiKeySecret.PrefixLength], StringComparison.Ordinal));
        foreach (TestKey each in new[] { key, wrong, second, third })
        {
            // Not the part behind the prefix either, which lists show.
            string hidden = each.Secret[ApiKeySecret.PrefixLength..];
            Assert.DoesNotContain(logs.Lines, line => line.Contains(hidden, StringComparison.Ordinal));
            Assert.DoesNotContain(answers, answer => answer.Contains(hidden, StringComparison.Ordinal));
            Assert.Equal(-1, database.AsSpan().IndexOf(Encoding.ASCII.GetBytes(hidden)));
            Assert.Equal(-1, database.AsSpan().IndexOf(Base64Url.DecodeFromChars(each.Secret.AsSpan(3))));
        }
    }

    [Fact]
    public void A_secret_prints_as_nothing_that_opens_a_door()
    {
        ApiKeySecret secret = ApiKeySecret.Generate();

        Assert.DoesNotContain(secret.Reveal()[3..], $"{secret} {secret.Prefix}", StringComparison.Ordinal);
    }

    /// <summary>Files of the database, or its table where it is a server's.</summary>
    private static async Task<byte[]> ReadAllAsync(TestBroker broker)
    {
        using MemoryStream all = new();
        foreach (string path in Directory.GetFiles(broker.DataFolder, "broker.db*"))
        {
            await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await file.CopyToAsync(all);
        }

        return all.ToArray();
    }

    /// <summary>Every line of every category, the framework's too, as a sink at the lowest level would have them.</summary>
    private sealed class LogCatcher : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
