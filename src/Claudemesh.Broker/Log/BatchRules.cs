using System.Globalization;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>What a broker asks of records, copies and packages before it writes them.</summary>
internal static class BatchRules
{
    /// <summary>Rows that one append may write: 1,000 copies and the records they belong to, or some 160 new members.</summary>
    public const int RowsMax = 1_024;

    /// <summary>A member, its mailbox, and where the mailbox begins in three lanes, besides the record.</summary>
    private const int RowsOfMember = 6;

    public static MeshError? CheckSize(LogBatch batch)
    {
        int rows = batch.Copies?.Length ?? 0;
        foreach (SignedRecord record in batch.Records)
        {
            bool brings = LogRecordText.TryParse(record.Record, out LogRecordText text) && text.Type is LogBody.Join.Name or LogBody.Admit.Name;
            rows += brings && text.Scope is RootReference.MeshScope ? RowsOfMember : 1;
        }

        return rows <= RowsMax
            ? null
            : MeshError.BatchTooLarge.With(string.Create(
                CultureInfo.InvariantCulture,
                $"The records are invalid as one batch: they would write {rows} rows of at most {RowsMax}. Append fewer at once, and send copies afterwards with copies_put."));
    }

    /// <summary>What the log says after the batch, or why it may not be appended.</summary>
    public static (Membership? After, MeshError? Refusal) Judge(Membership before, Membership mesh, LogBatch batch, TimeProvider clock)
    {
        if (LogRecordText.TryParse(batch.Records[0].Record, out LogRecordText first) && !Follows(first, before))
            return (null, Moved(before));

        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        LogVerdict verdict = before.Append(batch.Records, now, before.Scope is RootReference.MeshScope ? null : mesh);
        if (verdict.Next is not { } after)
            return (null, Refused(verdict.Refusal));

        MeshError? wrong = CheckCopies(after, batch.Copies ?? [], after.Head.At) ?? CheckPackages(before, after, batch.Packages ?? []);
        return wrong is null ? (after, null) : (null, wrong);
    }

    /// <summary>Copies of epochs that the log has, to recipients that it names.</summary>
    /// <param name="at">When, which decides whether an invite is open: the time of the last record, or now.</param>
    public static MeshError? CheckCopies(Membership log, EpochCopy[] copies, long at)
    {
        if (copies.Length == 0)
            return null;

        HashSet<PublicKey> recipients = [.. log.RecipientsAt(at)];
        HashSet<(long, PublicKey)> seen = [];
        foreach (EpochCopy copy in copies)
        {
            if (copy.Epoch > log.Epoch)
                return MeshError.BadCopy.With($"A copy is invalid: it is of epoch {copy.Epoch}, and the log of {log.Scope} has {log.Epoch}. Read the log on.");
            if (!recipients.Contains(copy.Recipient))
                return MeshError.BadCopy.With($"A copy is invalid: {copy.Recipient} is neither a member of {log.Scope} nor the key of an open invite. Read the log on.");
            if (!seen.Add((copy.Epoch, copy.Recipient)))
                return MeshError.BadCopy.With($"A copy is invalid: there are two of epoch {copy.Epoch} for {copy.Recipient}. Send one.");
        }

        return null;
    }

    private static bool Follows(in LogRecordText first, Membership log) => first.Seq == log.Head.Seq + 1 && first.Previous == log.Head.Hash;

    private static MeshError Moved(Membership log) => MeshError.LogMoved.With(
        $"The records are invalid here: the log of {log.Scope} ends at {log.Head.Seq}, {log.Head.Hash}. Read on from the head you hold, draft anew and append again.");

    private static MeshError? CheckPackages(Membership before, Membership after, InvitePackage[] packages)
    {
        foreach (InvitePackage package in packages)
        {
            string id = package.InviteId.Value;
            if (before.Invites.ContainsKey(id) || !after.Invites.ContainsKey(id))
                return MeshError.BadPackage.With($"A package is invalid: no record of this batch opens invite {id}. Send it with the record of its invite.");
        }

        return null;
    }

    private static MeshError Refused(LogRefusal why) => MeshError.LogRefused.With(
        $"The records are invalid: {Sentence(why)}. Read the log and draft anew.");

    private static string Sentence(LogRefusal why) => why switch
    {
        LogRefusal.Malformed => "one is not in the form of its type",
        LogRefusal.UnknownType => "one is of a type that this broker does not know",
        LogRefusal.BadSignature => "one is not signed by its author",
        LogRefusal.WrongScope => "one is of another workspace or scope, or its type is none for this scope",
        LogRefusal.NotNext => "they do not follow each other",
        LogRefusal.NotGenesis => "a log begins with genesis, once",
        LogRefusal.TimeFell => "a time is before that of the record before it",
        LogRefusal.TimeAhead => "a time is more than 5 minutes ahead; set this machine's clock",
        LogRefusal.NotInWorkspace => "one names somebody who is no member of the workspace now",
        LogRefusal.NotMember => "an author is no member of the scope",
        LogRefusal.NotAllowed => "an author's role does not allow it",
        LogRefusal.UnknownMember => "one names a key that is no member",
        LogRefusal.BadKey => "one names a key that is a member, was one, or cannot sign",
        LogRefusal.IdTaken => "a member id belongs to another key",
        LogRefusal.BadRole => "a role is none of this scope, or cannot be given so",
        LogRefusal.OwnerStays => "the owner can hand the workspace over, but neither leave nor be removed",
        LogRefusal.BadInvite => "there is no such invite, or its id was used before",
        LogRefusal.InviteClosed => "the invite is used up, expired or revoked",
        LogRefusal.BadProof => "a proof is not by the key that must give it",
        LogRefusal.WrongEpoch => "an epoch does not follow the current one",
        LogRefusal.WrongRecipients => "an epoch is sealed to others than its scope's members and open invites",
        _ => "a rule of the log speaks against one of them",
    };
}
