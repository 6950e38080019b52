using Claudemesh.Crypto;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// What the members of one workspace keep in common, opened and kept here: reading needs no broker. Writing seals under the current root and asks the
/// broker to compare revisions; without a broker it is refused, because nobody could say then whether it came too late.
/// </summary>
internal sealed partial class SharedObjects(
    WorkspaceRow row, MemberIdentity identity, BrokerLink link, WorkspaceKeys keys, ObjectStore store, TimeProvider clock, ILogger<SharedObjects> logger) : IDisposable
{
    /// <summary>How often a write is tried that others, or a new root, were faster than.</summary>
    private const int TriesMax = 8;
    private const int WaitingMax = 500;

    private readonly ObjectOpener opener = new(row, keys);

    // One at a time reads what is kept, judges and writes.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Told what is shown now, after it is on the disk.</summary>
    public Action<IReadOnlyList<KeptObject>> WhenShown { get; set; } = static _ => { };

    public long WorkspaceNo => row.No;

    public ObjectPosition? FindPosition() => store.FindPosition(row.No);

    public KeptObject? Find(ObjectId id) => store.Find(row.No, id);

    public List<KeptObject> ListNamed(IEnumerable<string> names) => store.ListNamed(row.No, names);

    /// <summary>Takes what the broker gave.</summary>
    /// <param name="through">How far it has been given by that; null: it was asked for by its name.</param>
    public async Task TakeAsync(IReadOnlyList<SealedObject> given, ObjectPosition? through, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            Dictionary<ObjectId, KeptObject> before = given.Count == 0 ? [] : ListNamed(given.Select(one => one.Name)).ToDictionary(one => one.Id);
            Dictionary<ObjectId, KeptObject> changed = [];
            foreach (SealedObject one in given)
            {
                ObjectId id = ObjectId.Of(one);
                if (opener.Judge(changed.GetValueOrDefault(id) ?? before.GetValueOrDefault(id), one) is { } judged)
                    changed[id] = judged;
            }

            await SaveAsync([.. changed.Values], before, through, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Opens what was waiting for a root or a record.</summary>
    public async Task OpenWaitingAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            List<KeptObject> waiting = store.ListWaiting(row.No, WaitingMax);
            KeptObject[] opened = [.. waiting.Select(one => opener.Judge(one, one.Waiting!)).OfType<KeptObject>().Where(one => one.Waiting is null)];
            if (opened.Length > 0)
                await SaveAsync(opened, waiting.ToDictionary(one => one.Id), through: null, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <param name="after">The revision it must have now; 0: it must not be there; null: whatever there is.</param>
    public async Task<LocalReply<KeptObject>> PutAsync(ObjectKind kind, string name, MessageBody body, long? after, CancellationToken cancellationToken)
    {
        ObjectId id = new(kind, Plain: false, name);
        for (int tries = 0; tries < TriesMax; tries++)
        {
            LocalReply<ReadyScope> ready = await keys.ReadyToWriteAsync(RootReference.MeshScope, cancellationToken);
            if (ready.Value is not { } scope)
                return ready.Problem!;
            if (await FindConflictAsync(id, after, cancellationToken) is { } conflict)
                return conflict;

            KeptObject? current = Find(id);
            (ObjectPut put, KeptObject kept) = Seal(scope, id, (current?.SeenRevision ?? 0) + 1, body, after);
            if (put.Ciphertext.Length > ObjectPut.BodyBytesMax)
                return ObjectProblems.TooLarge(kind is ObjectKind.State ? "A value" : "A memory");

            LocalReply<ObjectStored> stored = await link.AskAsync<ObjectPut, ObjectStored>(put, cancellationToken);
            if (stored.Succeeded)
            {
                await KeepAsync(kept);
                return kept;
            }

            if (stored.Problem.Error == MeshError.StaleEpoch.Code)
                keys.Mesh.MarkMoved();
            else if (stored.Problem.Error != MeshError.RevisionConflict.Code)
                return stored.Problem;
            else if (await RefreshAsync(id, cancellationToken) is { } problem)
                return problem;
        }

        return ObjectProblems.Busy(name);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Looks whether the named revision is the present one, at the broker's where it is not the one kept here.</summary>
    private async Task<LocalProblem?> FindConflictAsync(ObjectId id, long? after, CancellationToken cancellationToken)
    {
        if (after is not { } expected || IsAt(Find(id), expected))
            return null;
        if (await RefreshAsync(id, cancellationToken) is { } problem)
            return problem;

        KeptObject? current = Find(id);
        return IsAt(current, expected) ? null : ObjectProblems.Conflict(id.Name, current);
    }

    private static bool IsAt(KeptObject? current, long expected) =>
        (current?.Revision ?? 0) == expected || (expected == 0 && current is { HasValue: false, Waiting: null });

    /// <summary>Takes the object as it is at the broker now.</summary>
    private async Task<LocalProblem?> RefreshAsync(ObjectId id, CancellationToken cancellationToken)
    {
        LocalReply<ObjectResult> found = await link.AskAsync<ObjectGet, ObjectResult>(new ObjectGet(id.Kind, id.Name), cancellationToken);
        if (found.Value is not { } result)
            return found.Problem;
        if (result.Object is { } given)
            await TakeAsync([given], through: null, cancellationToken);
        return null;
    }

    private (ObjectPut Put, KeptObject Kept) Seal(ReadyScope scope, ObjectId id, long revision, MessageBody body, long? after)
    {
        bool isDeleted = body.Type == ObjectBodies.TypeDeleted;
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        ObjectHeader header = new(id.Kind, row.MeshId, id.Name, revision, identity.Public, now, scope.Root.Epoch, scope.Root.Id);
        SealedMessage sealedBody = ObjectSeal.Seal(identity.Key, scope.Root, header, body);
        MemoryText? memory = id.Kind is ObjectKind.Memory && !isDeleted ? MemoryBody.TryRead(body.Text) : null;
        KeptObject kept = new(
            id, revision, sealedBody.Nonce, !isDeleted, memory?.Text ?? body.Text, memory?.Tags ?? [], identity.Public.ToString(), row.DisplayName, now);
        return (new ObjectPut(id.Kind, id.Name, revision, sealedBody.Header, sealedBody.Nonce, sealedBody.Ciphertext, after, isDeleted ? true : null), kept);
    }

    /// <summary>Not cancelled with the request: the broker has it, and so has everybody else.</summary>
    private async Task KeepAsync(KeptObject kept)
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            KeptObject? current = Find(kept.Id);
            if (current is null || current.Revision < kept.Revision)
                await SaveAsync([kept], before: [], through: null, CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SaveAsync(
        KeptObject[] kept, Dictionary<ObjectId, KeptObject> before, ObjectPosition? through, CancellationToken cancellationToken)
    {
        if (kept.Length == 0 && through is null)
            return;

        await store.SaveAsync(row.No, kept, through, cancellationToken);
        foreach (KeptObject one in kept.Where(one => one.Trouble is not null && before.GetValueOrDefault(one.Id)?.Trouble != one.Trouble))
            LogNotShown(row.Slug, one.Id.Kind, one.Id.Name, one.Trouble!, one.Revision);

        KeptObject[] shown = [.. kept.Where(one => one.Revision > (before.GetValueOrDefault(one.Id)?.Revision ?? 0))];
        if (shown.Length > 0)
            WhenShown(shown);
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "{Workspace}: what the broker gives as {Kind} {Name} is not shown: {Reason}; revision {Revision} stays")]
    private partial void LogNotShown(string workspace, ObjectKind kind, string name, string reason, long revision);
}
