using Claudemesh.Daemon.Contacts;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Outbox;

/// <summary>One recipient's copy of a send: all that sealing and sending it needs, and what became of it.</summary>
/// <param name="Counts">Of a message to several; null for one recipient.</param>
/// <param name="Batch">The id of the whole send; equal to <paramref name="ClientMessageId"/> when there is one recipient.</param>
internal sealed record OutboxRow(
    long Seq,
    string Batch,
    string ClientMessageId,
    byte[] Fingerprint,
    string AddressedTo,
    Recipient Recipient,
    string SessionId,
    string ReplyTo,
    string Priority,
    string Body,
    long CreatedAt,
    string State,
    int Attempts,
    string? Reason,
    string? MessageId,
    Tally? Counts = null)
{
    public const string Columns =
        "seq, batch, client_message_id, fingerprint, addressed_to, recipient_name, recipient_key, recipient_session_key, encryption, recipient_online, "
        + "session_id, reply_to, priority, body, created_at, state, attempts, reason, message_id, "
        + "target, recipients, delivered, surfaced, been_read, refused, expired";

    public static OutboxRow Read(SqliteDataReader row)
    {
        byte[] session = (byte[])row[7];
        var recipient = new Recipient(
            row.GetString(5),
            new PublicKey((byte[])row[6]),
            session.Length == 0 ? null : new PublicKey(session),
            row.GetString(8) is Encryptions.Box,
            row.GetInt64(9) != 0)
        {
            Target = row.GetString(19),
        };
        return new OutboxRow(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            (byte[])row[3],
            row.GetString(4),
            recipient,
            row.GetString(10),
            row.GetString(11),
            row.GetString(12),
            row.GetString(13),
            row.GetInt64(14),
            row.GetString(15),
            row.GetInt32(16),
            row.IsDBNull(17) ? null : row.GetString(17),
            row.IsDBNull(18) ? null : row.GetString(18),
            recipient.Target.Length == 0
                ? null
                : new Tally(row.GetInt32(20), row.GetInt32(21), row.GetInt32(22), row.GetInt32(23), row.GetInt32(24), row.GetInt32(25)));
    }
}

/// <summary>A send as it is about to be written down: everything decided, nothing null.</summary>
internal sealed record Draft(
    long WorkspaceNo,
    string Batch,
    byte[] Fingerprint,
    string AddressedTo,
    string SessionId,
    string ReplyTo,
    string Priority,
    string Body,
    IReadOnlyList<(string ClientMessageId, Recipient Recipient)> Copies);

/// <summary>How writing down a <see cref="Draft"/> ended.</summary>
internal enum Submission
{
    Stored,

    /// <summary>The same send is there already.</summary>
    Again,

    /// <summary>Another send has this id.</summary>
    Conflict,

    /// <summary>Too many wait already.</summary>
    Full,
}

/// <summary>What the broker said of one copy, to be written down.</summary>
/// <param name="State"><c>accepted</c>, <c>refused</c>, <c>expired</c>, or <c>pending</c> to be tried again.</param>
internal readonly record struct Settlement(long Seq, string State, string? Reason, string? MessageId);

/// <summary>What a receipt says of one message.</summary>
/// <param name="Counts">Of all its recipients. They only rise, so of two the larger ones count.</param>
internal readonly record struct Raise(string? ClientMessageId, string MessageId, string State, string? Reason, Tally? Counts = null);
