using System.Text;
using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>What 1.x members tell each other of their work, one row for each member.</summary>
internal sealed class ContextStore(Database database)
{
    private const string Columns = "peer_name, content, updated_at FROM shared_context WHERE mesh_no = @mesh";
    private const string Newest = "ORDER BY updated_at DESC, member_no LIMIT @count";

    /// <returns>The row's id, which stays the same.</returns>
    public Task<string> ShareAsync(
        MeshNo mesh, MemberNo member, string freshId, string peerName, ContextContent content, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Find(
            """
            INSERT INTO shared_context (mesh_no, member_no, id, peer_name, search, tags, content, updated_at)
            VALUES (@mesh, @member, @id, @name, @search, @tags, @content, @now)
            ON CONFLICT (mesh_no, member_no) DO UPDATE SET peer_name = @name, search = @search, tags = @tags, content = @content, updated_at = @now
            RETURNING id
            """,
            static row => row.GetString(0),
            ("@mesh", mesh.Value), ("@member", member.Value), ("@id", freshId), ("@name", peerName),
            ("@search", PlainObjects.OneLine(content.Summary).ToLowerInvariant()), ("@tags", Lines(content.Tags)),
            ("@content", JsonSerializer.SerializeToUtf8Bytes(content, StateJson.Default.ContextContent)), ("@now", scope.Now.Micros))!,
        cancellationToken);

    public async ValueTask<List<SharedContext>> FindAsync(MeshNo mesh, string query, CancellationToken cancellationToken)
    {
        // Nothing that is kept is longer; and a pattern that is too long would be refused by a database.
        if (query.Length > ShareContext.SummaryCharsMax)
            return [];

        return await database.ReadAsync(
            (Sql sql) => sql.List(
                $"SELECT {Columns} AND (search LIKE @part ESCAPE '!' OR tags LIKE @tag ESCAPE '!') {Newest}",
                Read,
                ("@mesh", mesh.Value),
                ("@part", Anywhere(PlainObjects.OneLine(query).ToLowerInvariant())),
                ("@tag", Anywhere(Lines([query]))),
                ("@count", (long)ContextResults.CountMax)),
            cancellationToken);
    }

    public ValueTask<List<SharedContext>> ListAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"SELECT {Columns} {Newest}", Read, ("@mesh", mesh.Value), ("@count", (long)ContextList.CountMax)),
        cancellationToken);

    /// <summary>A pattern for LIKE that means the text itself, wherever it stands.</summary>
    private static string Anywhere(string text)
    {
        StringBuilder pattern = new("%", text.Length + 2);
        foreach (char each in text)
            pattern.Append(each is '%' or '_' or '!' ? "!" : "").Append(each);

        return pattern.Append('%').ToString();
    }

    private static string Lines(string[] tags) => string.Concat(tags.Select(tag => $"\n{PlainObjects.OneLine(tag)}\n"));

    private static SharedContext Read(SqlRow row)
    {
        ContextContent content = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), StateJson.Default.ContextContent)!;
        return new SharedContext(
            row.GetString(0), content.Summary, content.FilesRead, content.KeyFindings, content.Tags, new Instant(row.GetInt64(2)).ToTime());
    }
}
