using Claudemesh.Broker.Log;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Invites;

/// <summary>What the broker keeps of a log's invites: by which id they are found without an account, and what only their joiners can read.</summary>
internal sealed class InviteRows(InviteSweep sweep) : ILogFollower
{
    public ILogPart? Follow(LogChange change) =>
        change.Scope is RootReference.MeshScope && change.Records.Any(record => ConcernsInvites(record.Body)) ? new InvitePart(change, sweep) : null;

    private static bool ConcernsInvites(LogBody body) => body is LogBody.Invite or LogBody.Uninvite or LogBody.Join or LogBody.Remove;
}

/// <summary>Opens and ends them with their records. What was sealed to an ended one is taken out after the commit.</summary>
internal sealed class InvitePart(LogChange change, InviteSweep sweep) : ILogPart
{
    public MeshError? Write(WriteScope write)
    {
        foreach (LogRecord record in change.Records)
        {
            if (record.Body is LogBody.Invite invite && Open(write, record.Author, invite) is { } refusal)
                return refusal;
            if (record.Body is LogBody.Uninvite uninvite)
                WaitingStore.Dismiss(write, change.Workspace.Row.No, uninvite.InviteId);
        }

        LogInviteStore.End(write, change.Workspace.Row.No, change.After.Invites.Keys.Where(IsOverNow));
        return null;
    }

    public async ValueTask CommittedAsync()
    {
        try
        {
            await sweep.ClearAsync(change.Workspace.Row.No, CancellationToken.None);
        }
        catch (DatabaseUnavailableException)
        {
            // They have ended; the sweep takes their copies out within a minute.
        }
    }

    public void Answered()
    {
    }

    /// <summary>By these records: used up, revoked, or ended by a removal.</summary>
    private bool IsOverNow(string id) =>
        IsOver(change.After.Invites[id]) && !(change.Before.Invites.TryGetValue(id, out LogInvite? before) && IsOver(before));

    private static bool IsOver(LogInvite invite) => invite.Ended || invite.Uses >= invite.UsesMax;

    private MeshError? Open(WriteScope write, PublicKey author, LogBody.Invite invite)
    {
        if (invite.InviteId.Length < LogInviteStore.IdCharsMin)
            return MeshError.InviteIdTooShort;

        byte[]? package = change.Packages.FirstOrDefault(each => each.InviteId.Value == invite.InviteId)?.Package;
        return LogInviteStore.Add(write, change.Workspace.Row.No, invite, package, author);
    }
}
