using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.TestKit;

/// <summary>
/// The signed log of a test workspace as its owner's daemon holds it: it drafts and signs as clients do, and appends over the owner's socket.
/// What others append is taken in by <see cref="ReadOnAsync"/>.
/// </summary>
public sealed class TestLog : IDisposable
{
    private readonly TestMesh mesh;
    private readonly HeldLog held;

    internal TestLog(TestMesh mesh)
    {
        this.mesh = mesh;
        held = new HeldLog(mesh.Id, RootReference.MeshScope, pin: null);
    }

    public Membership State => held.State;

    public HeldLog Held => held;

    public RootHistory Roots { get; } = new();

    /// <summary>The current root key; the log has had an epoch.</summary>
    public RootKey Root => Roots.Find(State, State.Epoch)!;

    public long Now => mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A draft on what is held, by the owner unless another author is named.</summary>
    public LogDraft Draft(MemberSecretKey? author = null) => new(State, author ?? mesh.OwnerKey, Now);

    /// <summary>A draft with one record, which the rules must allow.</summary>
    public LogDraft Draft(LogBody body, MemberSecretKey? author = null)
    {
        LogDraft draft = Draft(author);
        Must(draft.Add(body));
        return draft;
    }

    /// <summary>Appends over a socket and answers what the broker did: <c>log_appended</c>, or <c>error</c>.</summary>
    public async Task<JsonObject> TryAppendAsync(
        LogDraft draft, EpochCopy[]? copies = null, InvitePackage[]? packages = null, TestSocket? socket = null)
    {
        TestSocket over = socket ?? await mesh.OwnerSocketAsync();
        string id = RandomBytes.NextId();
        await over.SendAsync(new LogAppend(State.Scope, [.. draft.Records.Select(record => record.Signed)], copies, packages), id);
        JsonObject answer = await over.NextAsync("the answer to log_append", frame => (string?)frame["_reqId"] == id);
        if (TestSocket.IsType(answer, "log_appended"))
            Take([.. draft.Records.Select(record => record.Signed)]);
        return answer;
    }

    public async Task AppendAsync(LogDraft draft, EpochCopy[]? copies = null, InvitePackage[]? packages = null, TestSocket? socket = null)
    {
        JsonObject answer = await TryAppendAsync(draft, copies, packages, socket);
        if (!TestSocket.IsType(answer, "log_appended"))
            throw new InvalidOperationException($"The append was refused: {answer.ToJsonString()}");
    }

    public Task AppendAsync(LogBody body, MemberSecretKey? author = null, TestSocket? socket = null) => AppendAsync(Draft(body, author), socket: socket);

    /// <summary>Lets a key in, with a copy of the current root.</summary>
    public async Task AdmitAsync(string memberId, PublicKey key, LogRole role = LogRole.Member, MemberKind kind = MemberKind.Person)
    {
        EpochCopy[] copies = State.Epoch == 0 ? [] : [CopyFor(key)];
        await AppendAsync(Draft(new LogBody.Admit(memberId, key, role, kind)), copies);
    }

    /// <summary>One batch: the removal, the next epoch, its copies.</summary>
    public async Task RemoveAsync(PublicKey key, string reason = "")
    {
        LogDraft draft = Draft(new LogBody.Remove(key, reason));
        await RotateAsync(draft, "removal");
    }

    /// <summary>Begins the next epoch, with what the draft has already.</summary>
    public async Task RotateAsync(LogDraft? onto = null, string reason = "", TestSocket? socket = null)
    {
        LogDraft draft = onto ?? Draft();
        RootKey? old = State.Epoch == 0 ? null : Root;
        Must(Rotation.Draft(draft, old, reason, out RootKey? root));
        await AppendAsync(draft, CopiesOf(draft, root!), socket: socket);
        Roots.TryAdd(State, root!);
    }

    public EpochCopy CopyFor(PublicKey recipient) => new(State.Epoch, recipient, Rotation.SealCopy(Root, recipient).Copy);

    /// <summary>Opens an invite as the owner's client does; the broker has its package and its copy.</summary>
    public async Task<TestInvite> InviteAsync(int uses = 1, TimeSpan? validFor = null, LogRole role = LogRole.Member, string? id = null)
    {
        TestInvite invite = new(id ?? RandomBytes.NextId(), InviteSecret.Generate());
        LogDraft draft = Draft();
        long expiresAt = Now + (long)(validFor ?? TimeSpan.FromDays(7)).TotalMilliseconds;
        Must(Invitation.Draft(draft, invite.Secret, invite.Id, role, uses, expiresAt, Root, out Invitation? made));
        EpochCopy[] copies = [new EpochCopy(Root.Epoch, made!.Root!.Recipient, made.Root.Copy)];
        await AppendAsync(draft, copies, [new InvitePackage(InviteId.Parse(invite.Id), made.Package)]);
        return invite;
    }

    /// <summary>The join record of a joiner who knows the secret, on what is held.</summary>
    public SignedRecord Join(TestInvite invite, MemberSecretKey key, string memberId)
    {
        using SigningKey inviteKey = invite.Secret.DeriveKey(invite.Id);
        byte[] proof = inviteKey.Sign(new JoinProofText(mesh.Id, State.Pin, invite.Id, key.Public));
        return Draft(new LogBody.Join(invite.Id, memberId, proof), key).Records[0].Signed;
    }

    /// <summary><c>POST /api/v1/join</c>; without a record by code alone.</summary>
    public async Task<HttpResponseMessage> PostJoinAsync(string inviteId, MemberSecretKey key, string name, SignedRecord? record = null, EpochCopy[]? copies = null)
    {
        long now = Now;
        byte[] possession = key.Sign(new JoinPossessionText(mesh.Id, Sha256.Hash(inviteId), key.Public, now));
        JoinByLog join = new(InviteId.Parse(inviteId), key.Public, DisplayName.Parse(name), now, possession, record is null ? null : [record], copies);
        return await mesh.PostAsync("/api/v1/join", JsonSerializer.Serialize(join, ProtocolJson.Default.JoinByLog));
    }

    /// <summary>Takes in what others have appended.</summary>
    public async Task ReadOnAsync(TestSocket? socket = null)
    {
        TestSocket over = socket ?? await mesh.OwnerSocketAsync();
        string id = RandomBytes.NextId();
        await over.SendAsync(new LogRead(State.Scope, State.Head.Seq), id);
        JsonObject page = await over.NextAsync("the page", frame => (string?)frame["_reqId"] == id);
        Take(page.Deserialize(ProtocolJson.Default.LogPage)!.Records);
    }

    public void Dispose() => Roots.Dispose();

    /// <summary>The first two records, and the owner's copy: what a workspace is made with.</summary>
    internal (SignedRecord[] Records, EpochCopy[] Copies) Begin(string ownerMemberId, bool encryptionRequired)
    {
        LogDraft draft = Draft(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), encryptionRequired, ownerMemberId));
        Must(Rotation.Draft(draft, old: null, "first", out RootKey? root));
        SignedRecord[] records = [.. draft.Records.Select(record => record.Signed)];
        EpochCopy[] copies = CopiesOf(draft, root!);
        Take(records);
        Roots.TryAdd(State, root!);
        return (records, copies);
    }

    private static EpochCopy[] CopiesOf(LogDraft draft, RootKey root) =>
        [.. Rotation.SealCopies(draft.State, root, draft.At).Select(copy => new EpochCopy(root.Epoch, copy.Recipient, copy.Copy))];

    private void Take(SignedRecord[] records)
    {
        if (held.Read(records) is LogReading.Forked)
            throw new InvalidOperationException($"The log is forked: {held.Fork}");
    }

    private static void Must(LogRefusal refusal)
    {
        if (refusal is not LogRefusal.None)
            throw new InvalidOperationException($"The rules refuse the draft: {refusal}");
    }
}

/// <summary>An invite with its secret, as its link has both.</summary>
public sealed record TestInvite(string Id, InviteSecret Secret);
