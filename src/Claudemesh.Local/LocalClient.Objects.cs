using System.Globalization;
using System.Text;

namespace Claudemesh.Local;

/// <content>State and memory.</content>
public sealed partial class LocalClient
{
    /// <param name="workspace">Null: all workspaces.</param>
    /// <param name="key">Null: every key.</param>
    public Task<LocalReply<SharedStateList>> ListStateAsync(string? workspace, string? key, CancellationToken cancellationToken) => GetAsync(
        new Query(LocalRoutes.State).With("workspace", workspace).With("key", key).ToString(), LocalJson.Default.SharedStateList, cancellationToken);

    public Task<LocalReply<SharedState>> ChangeStateAsync(ChangeState change, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.State, change, LocalJson.Default.ChangeState, LocalJson.Default.SharedState, cancellationToken);

    /// <param name="workspace">Null: the only one.</param>
    /// <param name="ifRevision">Only if it is at this revision; null: whatever there is.</param>
    public Task<LocalReply<SharedState>> DeleteStateAsync(string key, string? workspace, long? ifRevision, CancellationToken cancellationToken) => AskAsync(
        "DELETE",
        new Query(LocalRoutes.State).With("workspace", workspace).With("key", key).With("if_revision", ifRevision?.ToString(CultureInfo.InvariantCulture)).ToString(),
        default,
        LocalJson.Default.SharedState,
        cancellationToken);

    public Task<LocalReply<Memory>> KeepMemoryAsync(KeepMemory memory, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Memories, memory, LocalJson.Default.KeepMemory, LocalJson.Default.Memory, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    /// <param name="query">Any text, whose words are looked for; null: all, the newest first.</param>
    /// <param name="tag">Only with this tag.</param>
    public Task<LocalReply<MemoryList>> ListMemoriesAsync(string? workspace, string? query, string? tag, int limit, CancellationToken cancellationToken) => GetAsync(
        new Query(LocalRoutes.Memories)
            .With("workspace", workspace).With("q", query).With("tag", tag).With("limit", limit.ToString(CultureInfo.InvariantCulture)).ToString(),
        LocalJson.Default.MemoryList,
        cancellationToken);

    /// <param name="id">Or the first 8 characters of it or more.</param>
    public Task<LocalReply<ForgottenMemory>> ForgetMemoryAsync(string id, string? workspace, CancellationToken cancellationToken) => AskAsync(
        "DELETE", WithWorkspace($"{LocalRoutes.Memories}/{Uri.EscapeDataString(id)}", workspace), default, LocalJson.Default.ForgottenMemory, cancellationToken);

    /// <summary>A route with what is given of its parameters.</summary>
    private sealed class Query(string route)
    {
        private readonly StringBuilder path = new(route);

        public Query With(string name, string? value)
        {
            if (value is not null)
                path.Append(path.Length == route.Length ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            return this;
        }

        public override string ToString() => path.ToString();
    }
}
