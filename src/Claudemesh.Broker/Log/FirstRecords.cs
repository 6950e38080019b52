using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>The log that a workspace is born with: genesis by its owner, and the first epoch.</summary>
internal sealed class FirstRecords
{
    private readonly LogRecord[] records;
    private readonly EpochCopy[] copies;

    private FirstRecords(LogRecord[] records, EpochCopy[] copies)
    {
        this.records = records;
        this.copies = copies;
        OwnerId = MemberId.Parse(((LogBody.Genesis)records[0].Body).OwnerMemberId);
    }

    public MemberId OwnerId { get; }

    /// <summary>Neither where the request brings none.</summary>
    public static (FirstRecords? Log, MeshError? Refusal) Judge(CreateWorkspace request, TimeProvider clock)
    {
        if (request.Records is null)
            return (null, request.Copies is null ? null : MeshError.BadCopy.With("The copies are invalid without records: send genesis and the first epoch with them."));

        Membership none = Membership.Empty(request.MeshId.Value, RootReference.MeshScope);
        (Membership? after, MeshError? refusal) = BatchRules.Judge(none, none, new LogBatch(RootReference.MeshScope, request.Records, request.Copies), clock);
        if (after is null)
            return (null, refusal);

        LogRecord[] first = [.. request.Records.Select(LogRecord.ReadKept)];
        bool begins = first.All(record => record.Author == request.OwnerPubkey) && first.Skip(1).All(record => record.Body is LogBody.Epoch);
        return begins
            ? (new FirstRecords(first, request.Copies ?? []), null)
            : (null, MeshError.LogRefused.With("The records are invalid: a workspace is made with genesis and the first epoch by its owner's key, and nothing else."));
    }

    /// <summary>Whether the workspace was made with these very records: its creator asks again because he did not hear.</summary>
    public bool IsIn(Sql sql, MeshNo mesh) => records.All(record => LogStore.HashAt(sql, mesh, RootReference.MeshScope, record.Seq) == record.Hash);

    /// <summary>Part of the write that makes the workspace.</summary>
    public void Write(WriteScope write, MeshNo mesh)
    {
        LogStore.TryAppend(write, mesh, RootReference.MeshScope, records);
        CopyStore.Put(write, mesh, RootReference.MeshScope, copies, author: null);
    }
}
