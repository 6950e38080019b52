using System.Text;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// Judges what the broker gives: opened by the log and the roots, and never older than what was shown. What cannot be opened yet is kept for when it
/// can; what is wrong is not shown, and what was shown before stays.
/// </summary>
internal sealed class ObjectOpener(WorkspaceRow row, WorkspaceKeys keys)
{
    /// <param name="current">What is kept under this name.</param>
    /// <returns>What is to be kept now; null where nothing changes.</returns>
    public KeptObject? Judge(KeptObject? current, SealedObject given)
    {
        KeptObject before = current ?? KeptObject.Unknown(ObjectId.Of(given));
        if (given.Revision < before.Revision)
            return before.Trouble is ObjectTroubles.Older ? null : before with { Trouble = ObjectTroubles.Older };
        if (current is not null && given.Revision == before.Revision && given.Nonce.AsSpan().SequenceEqual(before.Nonce))
            return before is { Trouble: null, Waiting: null } ? null : before with { Trouble = null, Waiting = null };

        return given.Plain ? ReadPlain(before, given) : Open(before, given);
    }

    private KeptObject Open(KeptObject before, SealedObject given)
    {
        ObjectFrame frame = new(given.Kind, row.MeshId, given.Name, given.Revision);
        SealedMessage body = new(given.Header, given.Nonce, given.Ciphertext);
        (MessageRefusal refusal, OpenedObject? opened) = keys.Mesh.Open((log, roots) =>
        {
            MessageRefusal why = ObjectSeal.Open(log, roots, frame, before.Revision, body, out OpenedObject? found);
            return (why, found);
        });
        if (opened is not null)
            return Read(before, given, opened);

        // The log may be read on, and the root may come.
        return refusal is MessageRefusal.NoRoot or MessageRefusal.WrongRoot or MessageRefusal.NotAMember
            ? before with { Waiting = given, WrittenBy = before.Revision == 0 ? given.WrittenBy : before.WrittenBy }
            : before with { Trouble = ObjectTroubles.Of(refusal) };
    }

    private static KeptObject Read(KeptObject before, SealedObject given, OpenedObject opened)
    {
        KeptObject kept = new(
            before.Id, given.Revision, given.Nonce, HasValue: true, opened.Body.Text, [], opened.Header.Author.ToString(), given.WrittenBy, opened.Header.At);
        if (opened.Body.Type == ObjectBodies.TypeDeleted)
            return kept with { HasValue = false, Text = "" };

        return Unfold(kept) ?? before with { Trouble = ObjectTroubles.Of(MessageRefusal.BadPayload) };
    }

    private static KeptObject ReadPlain(KeptObject before, SealedObject given)
    {
        KeptObject kept = new(
            before.Id, given.Revision, given.Nonce, !given.Deleted, given.Deleted ? "" : Encoding.UTF8.GetString(given.Ciphertext), [], "",
            given.WrittenBy, given.WrittenAt.ToUnixTimeMilliseconds());
        return Unfold(kept) ?? before with { Trouble = ObjectTroubles.Of(MessageRefusal.BadPayload) };
    }

    /// <summary>The text and tags of a memory, and JSON that can be shown; null for what no client of ours makes.</summary>
    private static KeptObject? Unfold(KeptObject kept)
    {
        if (!kept.HasValue)
            return kept;

        switch (kept.Id.Kind)
        {
            case ObjectKind.State:
                return StateValue.IsJson(kept.Text) ? kept : null;
            case ObjectKind.Memory:
                return MemoryBody.TryRead(kept.Text) is { } memory ? kept with { Text = memory.Text, Tags = memory.Tags } : null;
            default:
                return kept;
        }
    }
}
