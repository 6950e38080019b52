using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.State;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Me;

/// <summary>State and memories of the workspaces that are asked about: what is in clear as it is, what is sealed by its name and revision.</summary>
internal sealed class MeObjectsEndpoint(ObjectStore store, MemorySearch search)
{
    public const string Key = "key";
    public const string Query = "q";
    public const int QueryCharsMax = 200;

    private const int StateMax = 500;
    private const int MemoryMax = 200;

    public async Task ListStateAsync(RestCall call)
    {
        string? key = call.Text(Key, ObjectHeader.NameCharsMax);
        if (call.Fault is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        List<MyStateRow> rows = [];
        foreach (RestCall one in call.Each)
        {
            WorkspaceRow mesh = one.Workspace.Row;
            rows.AddRange((await store.ListNewestAsync(mesh.No, ObjectKind.State, key, StateMax, one.Aborted)).Select(row => State(mesh, row)));
        }

        MyStateRow[] newest = Newest(call, rows, row => row.UpdatedAt, StateMax);
        await call.AnswerAsync(new MyStateRows(newest, new MyStateTotals(newest.Length, newest.Select(row => row.MeshId).Distinct().Count())));
    }

    public async Task ListMemoriesAsync(RestCall call)
    {
        string? query = call.Text(Query, QueryCharsMax)?.Trim();
        if (call.Fault is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        List<MyMemoryRow> found = [];
        foreach (RestCall one in call.Each)
        {
            WorkspaceRow mesh = one.Workspace.Row;
            found.AddRange(string.IsNullOrEmpty(query)
                ? (await store.ListNewestAsync(mesh.No, ObjectKind.Memory, name: null, MemoryMax, one.Aborted)).Select(row => Memory(mesh, row))
                : (await search.FindAsync(mesh.No, query, one.Aborted)).Select(match => Memory(mesh, match)));
        }

        // What was found by words stays in the order of how well it matches, one workspace after the other.
        MyMemoryRow[] memories = string.IsNullOrEmpty(query) ? Newest(call, found, row => row.RememberedAt, MemoryMax) : [.. found.Take(MemoryMax)];
        await call.AnswerAsync(new MyMemoryRows(query, memories, new MyMemoryTotals(memories.Length)));
    }

    private static T[] Newest<T>(RestCall call, List<T> rows, Func<T, DateTimeOffset> at, int count) =>
        call.Each.Count == 1 ? [.. rows] : [.. rows.OrderByDescending(at).Take(count)];

    private static MyStateRow State(WorkspaceRow mesh, ObjectRow row) => new(
        mesh.Id,
        mesh.Slug.Value,
        row.Name,
        row.Plain ? PlainState.Read(row).Value : null,
        row.WrittenBy,
        row.WrittenAt.ToTime(),
        !row.Plain,
        row.Revision);

    private static MyMemoryRow Memory(WorkspaceRow mesh, ObjectRow row)
    {
        MemoryText? text = row.Plain ? JsonSerializer.Deserialize(row.Body, StateJson.Default.MemoryText) : null;
        return new MyMemoryRow(
            row.Name, mesh.Id, mesh.Slug.Value, text?.Text, text?.Tags ?? [], row.WrittenBy, row.WrittenAt.ToTime(), !row.Plain, row.Plain ? null : row.Revision);
    }

    private static MyMemoryRow Memory(WorkspaceRow mesh, RecalledMemory found) =>
        new(found.Id, mesh.Id, mesh.Slug.Value, found.Content, found.Tags, found.RememberedBy, found.RememberedAt, Encrypted: false);
}
