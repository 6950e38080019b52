using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Microsoft.Data.Sqlite;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>
/// Has the broker's whole database and the secret keys of some people, and keeps to no rule: tries every key on every copy, every root on every
/// message and object, whatever the log says of who may read what. Knows nothing that is not stored.
/// </summary>
internal sealed class Thief
{
    private readonly List<MemberSecretKey> keys = [];
    private readonly Dictionary<string, HeldLog> logs = new(StringComparer.Ordinal);
    private readonly HashSet<RootReference> known = [];
    private readonly List<RootKey> roots = [];
    private readonly SortedSet<string> texts = new(StringComparer.Ordinal);

    private Thief()
    {
    }

    /// <summary>Scopes and epochs whose root key is in his hands.</summary>
    public IEnumerable<(string Scope, long Epoch)> Roots => roots.Select(root => (root.Scope, root.Epoch)).Order();

    /// <summary>Whether a text was in anything that opened.</summary>
    public bool Reads(string text) => texts.Any(one => one.Contains(text, StringComparison.Ordinal));

    /// <param name="robbed">Whose keys he has; their own stores of messages he leaves alone.</param>
    public static Thief BreakInto(BrokerProgram broker, params Person[] robbed)
    {
        Thief thief = new();
        foreach (Person person in robbed)
        {
            Read(new DaemonHome(person.Folder).Database, "SELECT seed FROM member_seed", row =>
                thief.keys.Add(MemberSecretKey.FromSeed(row.GetFieldValue<byte[]>(0))));
        }

        string database = Path.Combine(broker.DataFolder, "broker.db");
        thief.ReadLogs(database);
        thief.OpenCopies(database);
        while (thief.FollowLinksBack())
        {
        }

        Read(database, "SELECT header, nonce, body FROM message WHERE header IS NOT NULL", thief.TryMessage);
        Read(database, "SELECT header, nonce, body FROM object WHERE plain = 0", thief.TryObject);
        return thief;
    }

    private void ReadLogs(string database) => Read(database, "SELECT m.id, l.scope, l.record, l.signature FROM log_record l JOIN mesh m ON m.no = l.mesh_no ORDER BY l.scope, l.seq", row =>
    {
        string scope = row.GetString(1);
        if (!logs.TryGetValue(scope, out HeldLog? log))
            logs[scope] = log = new HeldLog(row.GetString(0), scope, pin: null);
        log.Read([new SignedRecord(row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3))], scope is RootReference.MeshScope ? null : logs[RootReference.MeshScope].State);
        Assert.Null(log.Fork);
    });

    private void OpenCopies(string database) => Read(database, "SELECT scope, epoch, copy FROM sealed_copy", row =>
    {
        Membership log = logs[row.GetString(0)].State;
        RootReference reference = log.FindRoot(row.GetInt64(1))!;
        foreach (MemberSecretKey key in keys)
        {
            if (RootKey.TryOpenCopy(key.Key, row.GetFieldValue<byte[]>(2), log.MeshId, reference, out RootKey? root))
                Keep(root!);
        }
    });

    private bool FollowLinksBack()
    {
        bool found = false;
        foreach (RootKey root in roots.ToArray())
        {
            Membership log = logs[root.Scope].State;
            LogBody.Epoch epoch = log.Epochs[(int)root.Epoch - 1];
            found |= root.Epoch > 1
                && !epoch.Back.IsEmpty
                && root.TryOpenBack(epoch.Back.Span, log.FindRoot(root.Epoch - 1)!, out RootKey? older)
                && Keep(older!);
        }

        return found;
    }

    private bool Keep(RootKey root)
    {
        bool isNew = known.Add(root.Reference);
        if (isNew)
            roots.Add(root);
        return isNew;
    }

    private void TryMessage(SqliteDataReader row)
    {
        byte[] header = row.GetFieldValue<byte[]>(0);
        Assert.True(MessageHeader.TryParse(header, out MessageHeader? read));
        Span<byte> pair = stackalloc byte[XChaCha20Poly1305.KeySize];
        foreach (MemberSecretKey key in keys)
        {
            using PairKeys pairs = new(key.Key, read!.MeshId);
            foreach (PublicKey other in new[] { read.SenderMember, read.Recipient ?? read.SenderMember })
            {
                if (pairs.TryCopyDirectKey(other, pair))
                    Try(pair, header, row);
            }
        }

        foreach (RootKey root in roots)
        {
            if (read!.Recipient is not null)
                continue;
            using SecretBytes key = root.DeriveMessageKey(read.Target);
            Try(key.Expose(), header, row);
        }
    }

    private void TryObject(SqliteDataReader row)
    {
        byte[] header = row.GetFieldValue<byte[]>(0);
        foreach (RootKey root in roots)
        {
            foreach (ObjectKind kind in Enum.GetValues<ObjectKind>())
            {
                using SecretBytes key = root.DeriveObjectKey(ObjectHeader.WordOf(kind));
                Try(key.Expose(), header, row);
            }
        }
    }

    private void Try(ReadOnlySpan<byte> key, byte[] header, SqliteDataReader row)
    {
        byte[] body = row.GetFieldValue<byte[]>(2);
        byte[] padded = new byte[Math.Max(0, body.Length - XChaCha20Poly1305.Overhead)];
        if (XChaCha20Poly1305.TryOpen(key, row.GetFieldValue<byte[]>(1), body, header, padded)
            && Padding.TryUnpad(padded, out int length)
            && MessageBody.TryParse(padded.AsSpan(WireLimits.SignatureBytes, length - WireLimits.SignatureBytes), out MessageBody? read))
            texts.Add(read!.Text);
    }

    private static void Read(string file, string sql, Action<SqliteDataReader> take)
    {
        using SqliteConnection connection = new($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Written above, by hand.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
            take(row);
    }
}
