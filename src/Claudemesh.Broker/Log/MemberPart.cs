using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Moderation;
using Claudemesh.Broker.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Log;

/// <summary>One append's part in the rows of members: written with its records, then in the open workspace's books, then on its sockets.</summary>
internal sealed class MemberPart(LogChange change, Withdrawal withdrawal, ApiKeyBook keys, PersonalTokens tokens) : ILogPart
{
    private readonly HashSet<MemberNo> touched = [];
    private readonly HashSet<MemberNo> moved = [];
    private readonly HashSet<MemberNo> stolen = [];
    private readonly List<long> endedTokens = [];
    private List<MeshMember> rows = [];
    private PublicKey? owner;

    private Workspace Workspace => change.Workspace;

    private MeshNo Mesh => change.Workspace.Row.No;

    public MeshError? Write(WriteScope write)
    {
        touched.Clear();
        moved.Clear();
        stolen.Clear();
        endedTokens.Clear();
        owner = null;
        foreach (LogRecord record in change.Records)
        {
            MeshError? refusal = record.Body switch
            {
                LogBody.Genesis genesis => Begin(write, record.Author, genesis),
                LogBody.Join join => LetIn(
                    write, new Newcomer(join.MemberId, record.Author, change.After.Invites[join.InviteId].Role, MemberKind.Person), byInvite: true),
                LogBody.Admit admit => LetIn(write, new Newcomer(admit.MemberId, admit.Key, admit.As, admit.Kind), byInvite: false),
                LogBody.Role role => ChangeRole(write, record.Author, role),
                LogBody.Remove remove => Remove(write, remove),
                LogBody.KeyChange key => ChangeKey(write, record.Author, key),
                _ => null,
            };
            if (refusal is not null)
                return refusal;
        }

        rows = [.. touched.Select(no => MemberStore.Find(write.Sql, Mesh, no)!)];
        return null;
    }

    public async ValueTask CommittedAsync()
    {
        foreach (MeshMember row in rows)
            Enter(row);
        if (owner is { } handedTo)
            Workspace.SetOwner(handedTo);

        if (rows.Exists(HasNoKeys))
            keys.Forget(key => rows.Exists(row => row.No == key.Issuer && HasNoKeys(row)));

        if (endedTokens.Count > 0)
            tokens.Ended(endedTokens);

        Workspace.News.Schedule();
        foreach (MeshMember gone in rows.Where(row => row.Removed && !HasLeft(row)))
            TakeOff(gone);

        // The core cuts whom its directory does not have any more: who leaves by himself is told first, once he has his answer.
        if (!rows.Exists(row => row.Removed && HasLeft(row)))
            Workspace.RefreshDirectory();

        foreach (MeshMember gone in rows.Where(row => row.Removed))
            await WithdrawAsync(gone);
    }

    public void Answered()
    {
        foreach (MeshMember row in rows)
        {
            if (row.Removed && HasLeft(row))
                TakeOff(row);
            else if (!row.Removed && moved.Contains(row.No))
                MemberRemoval.TakeOff(Workspace, row.No, MeshError.KeyChanged, 1000, "key_changed");
        }
    }

    private MeshError? Begin(WriteScope write, PublicKey author, LogBody.Genesis genesis)
    {
        if (author != Workspace.Row.OwnerKey)
            return MeshError.LogRefused.With("The records are invalid: a log begins with genesis by the workspace's owner. Ask the owner to begin it.");

        MeshMember row = MemberStore.Find(write.Sql, Mesh, author)!;
        return row.Id.Value == genesis.OwnerMemberId ? null : WrongId(row);
    }

    private MeshError? LetIn(WriteScope write, Newcomer newcomer, bool byInvite)
    {
        MemberRole role = MemberRoles.Of(newcomer.Role);
        WaitingMember? waiting = WaitingStore.Take(write, Mesh, newcomer.Key);
        if (MemberStore.Find(write.Sql, Mesh, newcomer.Key) is { } row)
        {
            if (byInvite && row.Removed)
                return MeshError.MemberRemoved;
            if (row.Id.Value != newcomer.MemberId)
                return WrongId(row);

            MemberStore.Admit(write, row.No, role, newcomer.Kind);
            touched.Add(row.No);
            return null;
        }

        MemberId id = MemberId.Parse(newcomer.MemberId);
        if (waiting is not null && waiting.MemberId != id)
            return MeshError.MemberIdTaken.With($"The member_id is invalid for {newcomer.Key}: this key waits as {waiting.MemberId}. Admit it under that id.");
        if (MemberStore.IsTaken(write.Sql, id) || WaitingStore.IsTaken(write.Sql, id))
            return MeshError.MemberIdTaken.With($"The member_id {id} is invalid for {newcomer.Key}: another member has it. Make a new one.");

        string name = change.JoinerName ?? waiting?.DisplayName.Value ?? "member";
        touched.Add(MemberStore.Add(write, new NewMember(Mesh, id, newcomer.Key, name, role, newcomer.Kind)).No);
        return null;
    }

    private MeshError? ChangeRole(WriteScope write, PublicKey author, LogBody.Role role)
    {
        MeshMember row = MemberStore.Find(write.Sql, Mesh, role.Key)!;
        MemberStore.SetRole(write, row.No, MemberRoles.Of(role.Becomes));
        touched.Add(row.No);
        if (role.Becomes is not LogRole.Owner)
            return null;

        MeshMember before = MemberStore.Find(write.Sql, Mesh, author)!;
        MemberStore.SetRole(write, before.No, MemberRole.Admin);
        touched.Add(before.No);
        SetOwner(write, role.Key);
        return null;
    }

    private MeshError? Remove(WriteScope write, LogBody.Remove remove)
    {
        MeshMember row = MemberStore.Find(write.Sql, Mesh, remove.Key)!;
        RemovalStore.Remove(write, row.No, banned: row.Banned || remove.Reason is LogBody.Remove.Banned);
        InviteStore.EndAll(write, Mesh);
        touched.Add(row.No);
        return null;
    }

    private MeshError? ChangeKey(WriteScope write, PublicKey author, LogBody.KeyChange key)
    {
        if (MemberStore.Find(write.Sql, Mesh, key.NewKey) is not null)
            return MeshError.LogRefused.With($"The records are invalid: {key.NewKey} is the key of another member. Make a new one.");

        MeshMember row = MemberStore.Find(write.Sql, Mesh, author)!;
        MemberStore.SetKey(write, Mesh, row, key.NewKey);
        SessionStore.Retire(write, Mesh, row.No);
        touched.Add(row.No);
        moved.Add(row.No);
        if (key.Compromised)
        {
            // What acts as him without a key may be the thief's. Who moves to another device keeps it.
            ApiKeyStore.RevokeAll(write, row.No);
            endedTokens.AddRange(PersonalTokenStore.RevokeFor(write, row.No));
            stolen.Add(row.No);
        }

        if (row.Role is MemberRole.Owner)
            SetOwner(write, key.NewKey);
        return null;
    }

    /// <summary>Links of 1.x are signed by the owner's key: those of another end.</summary>
    private void SetOwner(WriteScope write, PublicKey key)
    {
        WorkspaceStore.SetOwner(write, Mesh, key);
        InviteStore.EndAll(write, Mesh);
        owner = key;
    }

    private void Enter(MeshMember row)
    {
        if (Workspace.Members.Find(row.No) is not { } known)
        {
            Workspace.Members.Put(row);
            Workspace.Addresses.Put(row.Address);
            return;
        }

        if (known.Key != row.Key)
        {
            Workspace.Members.ChangeKey(row.No, row.Key);
            Workspace.Addresses.ChangeKey(known.Key, row.Address);
            Workspace.Grants.ChangeKey(known.Key, row.Key);
        }

        // Name and groups may have changed since the row was read.
        Workspace.Members.Change(
            row.No, now => now with { Role = row.Role, Kind = row.Kind, RemovedAt = row.RemovedAt, Banned = row.Banned });
    }

    private async ValueTask WithdrawAsync(MeshMember gone)
    {
        try
        {
            await withdrawal.RunAsync(Workspace, gone.No, CancellationToken.None);
        }
        catch (DatabaseUnavailableException)
        {
            // The removal itself is durable; retention withdraws what is left within a minute.
        }
    }

    private void TakeOff(MeshMember gone) =>
        MemberRemoval.TakeOff(Workspace, gone.No, MeshError.Revoked.With(Farewell(gone)), Refusals.Banned, gone.Banned ? "banned" : "removed");

    private LogRecord? FindRemoval(MeshMember gone) =>
        change.Records.LastOrDefault(record => record.Body is LogBody.Remove remove && remove.Key == gone.Key);

    private bool HasLeft(MeshMember gone) => FindRemoval(gone) is { } said && said.Author == gone.Key;

    private string Farewell(MeshMember gone)
    {
        if (FindRemoval(gone) is not { } said || said.Author == gone.Key)
            return $"You have left {Workspace.Row.Slug}; being there is forbidden now without being admitted again.";

        string who = Workspace.Members.Find(said.Author)?.DisplayName ?? "An admin";
        string reason = ((LogBody.Remove)said.Body).Reason;
        return $"{who} removed you from {Workspace.Row.Slug}{(reason.Length == 0 ? "" : ": " + reason)}. You are forbidden there until an admin admits you again.";
    }

    private bool HasNoKeys(MeshMember row) => row.Removed || stolen.Contains(row.No);

    private static MeshError WrongId(MeshMember row) =>
        MeshError.MemberIdTaken.With($"The member_id is invalid for {row.Key}: this key is the member {row.Id} here. Use that id.");

    private sealed record Newcomer(string MemberId, PublicKey Key, LogRole Role, MemberKind Kind);
}
