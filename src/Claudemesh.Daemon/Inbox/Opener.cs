using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Inbox;

/// <summary>
/// Reads what was pushed. What cannot be read or believed becomes an arrival without a text and with the reason: never a guess, and never
/// the bytes shown as if they were words. What cannot be decided yet is kept as it came.
/// </summary>
internal sealed class Opener(MemberIdentity identity, PinBook pins, WorkspaceKeys keys, Func<PublicKey, string?> findName, TimeProvider clock)
{
    /// <summary>The reason of what waits for a root or for the log.</summary>
    public const string WaitingForKey = UnreadableReasons.WaitingForKey;

    private const int BodyVersion2 = 2;
    private const string NoTopicKey = "no_topic_key";
    private const int NameCharsMax = 80;

    private readonly SharedOpener shared = new(keys, pins);

    public async Task<Arrival> OpenAsync(Push push, CancellationToken cancellationToken)
    {
        string recipient = push.SessionId?.Value ?? "";
        var arrival = new Arrival(
            Dedupe: $"1|{push.MessageId}|{recipient}",
            push.MessageId,
            push.ClientMessageId,
            SenderName: NameSender(push),
            SenderKey: push.SenderMemberPubkey?.ToString() ?? push.SenderPubkey,
            SenderSessionKey: push.SenderMemberPubkey is { } member && member.ToString() != push.SenderPubkey ? push.SenderPubkey : null,
            AddressedTo: NameAddress(push),
            SessionId: push.SessionId?.Value,
            Text: null,
            Encryption: Encryptions.None,
            Verified: false,
            Unreadable: null,
            Priority: (push.Priority ?? Priority.Next).ToString().ToLowerInvariant(),
            ReplyTo: push.ReplyToId,
            SentAt: push.CreatedAt.ToUnixTimeMilliseconds(),
            Source: recipient,
            push.Position);

        return push switch
        {
            { BodyVersion: SealedMessage.BodyVersion } => await OpenSignedAsync(push, arrival, cancellationToken),
            { BodyVersion: > SealedMessage.BodyVersion } => arrival with { Unreadable = "newer_version" },
            { BodyVersion: BodyVersion2 } => OpenTopicKeyed(push, arrival),
            _ when IsPlain(push) => ReadPlain(push, arrival),
            _ => OpenBox(push, arrival),
        };
    }

    private async Task<Arrival> OpenSignedAsync(Push push, Arrival arrival, CancellationToken cancellationToken)
    {
        arrival = arrival with { Encryption = Encryptions.Member };
        if (push.Header is null || !PublicKey.TryParse(push.SenderPubkey, out PublicKey senderKey))
            return arrival with { Unreadable = "bad_header" };

        var frame = new MessageFrame(
            push.MeshId.Value, push.Target, push.SenderMemberPubkey, senderKey, push.ClientMessageId, push.Priority, push.ReplyToId);
        var message = new SealedMessage(push.Header, push.Nonce, push.Ciphertext);
        return IsShared(push.Target)
            ? Take(push, arrival, await shared.OpenAsync(arrival.SenderName, frame, message, cancellationToken))
            : await OpenDirectAsync(push, arrival, frame, message, cancellationToken);
    }

    private async Task<Arrival> OpenDirectAsync(Push push, Arrival arrival, MessageFrame frame, SealedMessage message, CancellationToken cancellationToken)
    {
        MessageRefusal refusal = OpenDirect(frame, message, out OpenedMessage? opened);
        if (refusal is not MessageRefusal.None)
            return arrival with { Unreadable = Words(refusal) };

        MessageHeader header = opened!.Header;
        if (keys.Mesh.State.Head.Seq > 0 && keys.Mesh.State.Check(header) is not MessageRefusal.None)
        {
            keys.Mesh.MarkMoved();
            await keys.ReadOnAsync(keys.Mesh, cancellationToken);
        }

        if (keys.Mesh.State.Head.Seq > 0)
        {
            refusal = keys.Mesh.State.Check(header);
            if (refusal is not MessageRefusal.None)
                return Take(push, arrival, new SharedOpening(null, refusal, Waits: !keys.Mesh.IsCurrent || keys.Mesh.Fork is not null));
            if (keys.Mesh.State.Members.GetValueOrDefault(header.SenderMember) is { } sender)
                await pins.PinLoggedAsync(header.SenderMember, sender, arrival.SenderName, cancellationToken);
        }
        else if (!await pins.AdmitSenderAsync(header.SenderMember, push.SenderMemberId?.Value, arrival.SenderName, cancellationToken))
        {
            return arrival with { Unreadable = "sender_key_changed" };
        }

        return Believe(arrival, opened);
    }

    /// <summary>With the key that it was written to: the present one, or one of before.</summary>
    private MessageRefusal OpenDirect(MessageFrame frame, SealedMessage message, out OpenedMessage? opened)
    {
        DateTimeOffset now = clock.GetUtcNow();
        MessageRefusal refusal = MessageSeal.OpenDirect(identity.Public, identity.Pairs, frame, message, now, out opened);
        foreach (FormerKey former in identity.Former.Members)
        {
            if (refusal is not MessageRefusal.WrongTarget)
                break;
            refusal = MessageSeal.OpenDirect(former.Public, former.Pairs, frame, message, now, out opened);
        }

        return refusal;
    }

    private static Arrival Take(Push push, Arrival arrival, SharedOpening opening)
    {
        if (opening.Opened is { } opened)
            return Believe(arrival, opened);

        return opening.Waits
            ? arrival with { Unreadable = WaitingForKey, Sealed = KeepFrame(push) }
            : arrival with { Unreadable = Words(opening.Refusal) };
    }

    private static byte[] KeepFrame(Push push)
    {
        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.Write(frame, push);
        return frame.WrittenSpan.ToArray();
    }

    /// <summary>From here on the sender has signed what is said, and the broker's frame says the same.</summary>
    private static Arrival Believe(Arrival arrival, OpenedMessage opened)
    {
        MessageHeader header = opened.Header;
        return arrival with
        {
            Dedupe = $"3|{header.SenderMember}|{header.ClientMessageId}|{header.Target}{(header.Root is null ? "" : "|" + arrival.Source)}",
            ClientMessageId = header.ClientMessageId,
            SenderKey = header.SenderMember.ToString(),
            SenderSessionKey = header.SenderSession?.ToString(),
            ReplyTo = header.ReplyTo,
            SentAt = header.SentAt,
            Mentions = header.Mentions,
            Scope = header.Root?.Scope,
            Verified = true,
            Text = opened.Body.Type is MessageBody.TypeText or MessageBody.TypeJson ? opened.Body.Text : null,
            Unreadable = opened.Body.Type is MessageBody.TypeText or MessageBody.TypeJson ? null : "unknown_body_type",
        };
    }

    /// <summary>
    /// A post of 1.x under the key that this workspace's members share with 1.x, in topics that take what 1.x writes. It says neither under which root nor,
    /// signed, who wrote it.
    /// </summary>
    private Arrival OpenTopicKeyed(Push push, Arrival arrival)
    {
        arrival = arrival with { Encryption = Encryptions.Box };
        if (push.Target is not ['#', .. { Length: > 0 } topic] || !TakesPlain(topic))
            return arrival with { Unreadable = NoTopicKey };

        ScopeKeys scope = keys.GetForTopic(topic);
        if (scope.FindRoot() is null)
            return arrival with { Unreadable = WaitingForKey, Sealed = KeepFrame(push) };

        return LegacyKeys.TryOpenPost(scope, topic, push.Nonce, push.Ciphertext, out string? text) ? arrival with { Text = text } : arrival with { Unreadable = NoTopicKey };
    }

    private Arrival OpenBox(Push push, Arrival arrival)
    {
        arrival = arrival with { Encryption = Encryptions.Box };
        if (!PublicKey.TryParse(push.SenderPubkey, out PublicKey sender))
            return arrival with { Unreadable = "bad_sender_key" };

        string? text = null;
        bool opened = (push.SessionId is { } session && LegacyDirect.TryOpen(identity.GetSession(session.Value).Pairs, sender, push.Nonce, push.Ciphertext, out text))
            || LegacyDirect.TryOpen(identity.Pairs, sender, push.Nonce, push.Ciphertext, out text)
            || FindFormer(push.Target).Any(pairs => LegacyDirect.TryOpen(pairs, sender, push.Nonce, push.Ciphertext, out text));
        return opened ? arrival with { Text = text } : arrival with { Unreadable = "does_not_open" };
    }

    /// <summary>The key of before that a box was written to; where the broker does not say, each of the member's.</summary>
    private IEnumerable<PairKeys> FindFormer(string? target)
    {
        if (!PublicKey.TryParse(target, out PublicKey key))
            return identity.Former.Members.Select(one => one.Pairs);
        return identity.Former.Find(key)?.Pairs is { } member ? [member] : identity.Former.FindSession(key) is { } session ? [session] : [];
    }

    /// <summary>A broker refuses what is not encrypted where encryption is required; what slipped through is not shown.</summary>
    private Arrival ReadPlain(Push push, Arrival arrival)
    {
        Membership log = keys.Mesh.State;
        bool admitted = log.Head.Seq == 0
            || push.Subtype is not null
            || (push.Target is ['#', .. var topic] ? TakesPlain(topic) : !log.EncryptionRequired);
        if (!admitted)
            return arrival with { Unreadable = "not_encrypted" };

        return Utf8.IsValid(push.Ciphertext)
            ? arrival with { Text = Encoding.UTF8.GetString(push.Ciphertext) }
            : arrival with { Unreadable = "not_text" };
    }

    /// <summary>By its own log, where it has one that was read; an empty one says nothing.</summary>
    private bool TakesPlain(string topic)
    {
        Membership own = keys.GetForTopic(topic).State;
        return own.Head.Seq > 0 ? own.TakesPlain(topic) : keys.Mesh.State.TakesPlain(topic);
    }

    /// <summary>1.x says it by the address: what goes to several is plain, and so is what has no nonce.</summary>
    private static bool IsPlain(Push push) => push.Nonce.Length == 0 || push.BodyVersion == 1 || IsShared(push.Target);

    private static bool IsShared(string? target) => target is { Length: > 0 } && target[0] is '*' or '@' or '#' or 't';

    private static string NameAddress(Push push) => push.Target switch
    {
        { Length: > 0 } target when target[0] is '*' or '@' or '#' => target,
        { } target when target.StartsWith("tag:", StringComparison.Ordinal) => target,
        _ => push.SessionId is null ? "member" : "session",
    };

    /// <summary>The name pinned here for the key, else the one the broker gives, in one line and never empty.</summary>
    private string NameSender(Push push)
    {
        string? known = push.SenderMemberPubkey is { } member ? findName(member) : null;
        known ??= PublicKey.TryParse(push.SenderPubkey, out PublicKey key) ? findName(key) : null;
        string name = known ?? push.SenderName ?? (push.SenderPubkey.Length > 8 ? push.SenderPubkey[..8] : push.SenderPubkey);
        name = new string([.. name.Where(c => !char.IsControl(c)).Take(NameCharsMax)]).Trim();
        return name.Length == 0 ? "?" : name;
    }

    private static string Words(MessageRefusal refusal)
    {
        var words = new StringBuilder();
        foreach (char c in refusal.ToString())
            words.Append(char.IsUpper(c) && words.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
        return words.ToString();
    }
}
