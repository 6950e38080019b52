using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Keys;

/// <summary>What is to be appended to a scope's log in one transaction: records, copies of roots, and what invites carry.</summary>
internal sealed class LogChange(LogDraft draft, RootKey? root) : IDisposable
{
    private readonly List<EpochCopy> copies = [];
    private readonly List<InvitePackage> packages = [];

    public LogDraft Draft => draft;

    /// <summary>Of the current epoch as drafted; null when it is not in hand.</summary>
    public RootKey? Root => Fresh ?? root;

    /// <summary>The root that this change makes; its maker's to keep once it is appended.</summary>
    public RootKey? Fresh { get; private set; }

    public IReadOnlyList<EpochCopy> Copies => copies;

    public IReadOnlyList<InvitePackage> Packages => packages;

    public LogRefusal Add(LogBody body) => draft.Add(body);

    /// <summary>Adds the next epoch, with a copy for everybody whom it names.</summary>
    /// <param name="keepsHistory">Whether those who come later read what was before.</param>
    public LogRefusal Rotate(string reason, bool keepsHistory = true)
    {
        LogRefusal refusal = Rotation.Draft(draft, keepsHistory && draft.State.Epoch > 0 ? Root : null, reason, out RootKey? fresh);
        if (refusal is not LogRefusal.None)
            return refusal;

        Fresh?.Dispose();
        Fresh = fresh;
        copies.AddRange(Rotation.SealCopies(draft.State, fresh!, draft.At).Select(copy => new EpochCopy(fresh!.Epoch, copy.Recipient, copy.Copy)));
        return LogRefusal.None;
    }

    /// <summary>Lets a member in, with a copy of the current root, so that it reads at once.</summary>
    public LogRefusal Admit(string memberId, PublicKey key, LogRole role, MemberKind kind)
    {
        LogRefusal refusal = draft.Add(new LogBody.Admit(memberId, key, role, kind));
        if (refusal is LogRefusal.None && Root is { } current && current.Reference == draft.State.FindRoot(draft.State.Epoch))
            copies.Add(new EpochCopy(current.Epoch, key, Rotation.SealCopy(current, key).Copy));
        return refusal;
    }

    /// <summary>Opens an invite for whoever knows its secret.</summary>
    public LogRefusal Invite(InviteSecret secret, InviteId id, LogRole role, int uses, long expiresAt)
    {
        LogRefusal refusal = Invitation.Draft(draft, secret, id.Value, role, uses, expiresAt, Root, out Invitation? invitation);
        if (refusal is not LogRefusal.None)
            return refusal;

        packages.Add(new InvitePackage(id, invitation!.Package));
        if (invitation.Root is { } copy)
            copies.Add(new EpochCopy(Root!.Epoch, copy.Recipient, copy.Copy));
        return LogRefusal.None;
    }

    public void Dispose() => Fresh?.Dispose();

    /// <summary>The fresh root becomes somebody else's.</summary>
    public RootKey? TakeFresh()
    {
        RootKey? taken = Fresh;
        Fresh = null;
        return taken;
    }
}
