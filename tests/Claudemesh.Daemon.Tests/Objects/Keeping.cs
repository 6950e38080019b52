using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Objects;

/// <summary>Short forms of what the tests about state and memory say.</summary>
internal static class Keeping
{
    public static JsonElement Json(string text)
    {
        using JsonDocument parsed = JsonDocument.Parse(text);
        return parsed.RootElement.Clone();
    }

    public static async Task<SharedState> SetAsync(this RunningDaemon daemon, string key, string json, long? ifRevision = null) =>
        await Ok.Async(daemon.Client.ChangeStateAsync(new ChangeState(key, Json(json), IfRevision: ifRevision), default));

    public static async Task<SharedState?> FindStateAsync(this RunningDaemon daemon, string key, bool plain = false) =>
        (await daemon.Client.ListStateAsync(null, key, default)).Value?.Entries.FirstOrDefault(entry => entry.Encrypted != plain);

    public static Task SeesAsync(this RunningDaemon daemon, string key, Func<SharedState, bool> isLike) => Eventually.TrueAsync(
        $"{key} is as expected", async () => await daemon.FindStateAsync(key) is { } found && isLike(found));

    public static async Task<Memory> KeepAsync(this RunningDaemon daemon, string text, params string[] tags) =>
        await Ok.Async(daemon.Client.KeepMemoryAsync(new KeepMemory(text, tags), default));

    public static async Task<string[]> RecallAsync(this RunningDaemon daemon, string? query, string? tag = null, int limit = 20) =>
        [.. (await Ok.Async(daemon.Client.ListMemoriesAsync(null, query, tag, limit, default))).Memories.Select(memory => memory.Text)];
}
