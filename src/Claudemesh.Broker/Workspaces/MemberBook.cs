using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Workspaces;

/// <summary>The members of an open workspace, by key and by number. Removed ones stay, so that their names still print.</summary>
internal sealed class MemberBook(IEnumerable<MeshMember> members)
{
    private readonly ConcurrentDictionary<PublicKey, MeshMember> byKey = new(members.Select(each => KeyValuePair.Create(each.Key, each)));
    private readonly ConcurrentDictionary<MemberNo, MeshMember> byNumber = new(members.Select(each => KeyValuePair.Create(each.No, each)));

    /// <summary>Keys that members had before a change of key.</summary>
    private readonly ConcurrentDictionary<PublicKey, MemberNo> former = new();

    private readonly Lock changing = new();
    private long version;

    /// <summary>Rises after each change, so that who has looked a member up knows when to do so again.</summary>
    public long Version => Interlocked.Read(ref version);

    public IEnumerable<MeshMember> All => byNumber.Values;

    public MeshMember? Find(PublicKey key) => byKey.GetValueOrDefault(key);

    public MeshMember? Find(MemberNo no) => byNumber.GetValueOrDefault(no);

    /// <summary>Changes a member as it is now: two changes at once, such as a new name and a ban, both hold.</summary>
    public MeshMember Change(MemberNo no, Func<MeshMember, MeshMember> change)
    {
        lock (changing)
        {
            MeshMember changed = change(byNumber[no]);
            Put(changed);
            return changed;
        }
    }

    /// <summary>The member goes on under another key; nobody has the old one any more.</summary>
    public MeshMember ChangeKey(MemberNo no, PublicKey key)
    {
        lock (changing)
        {
            MeshMember before = byNumber[no];
            MeshMember after = before with { Key = key, KeyBytes = key.Span.ToArray() };
            Put(after);
            byKey.TryRemove(KeyValuePair.Create(before.Key, before));
            NoteFormer(before.Key, no);
            return after;
        }
    }

    public void NoteFormer(PublicKey key, MemberNo no) => former[key] = no;

    /// <summary>
    /// The member key that a message was signed with, as its header names it: what a member sent before it changed its key is not of the new one.
    /// A header that names a key that was never the sender's changes nothing.
    /// </summary>
    public ReadOnlySpan<byte> KeyOf(MeshMember sender, ReadOnlySpan<byte> header) =>
        !former.IsEmpty
        && MessageHeader.TryFindSender(header, out ReadOnlySpan<byte> named)
        && former.TryGetValue(new PublicKey(named), out MemberNo no)
        && no == sender.No
            ? named
            : sender.KeyBytes;

    /// <summary>Puts a new member in, or a changed one in place of what it was.</summary>
    public void Put(MeshMember member)
    {
        byNumber[member.No] = member;
        byKey[member.Key] = member;
        Interlocked.Increment(ref version);
    }
}
