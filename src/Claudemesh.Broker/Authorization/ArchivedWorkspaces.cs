using System.Collections.Frozen;

namespace Claudemesh.Broker.Authorization;

/// <summary>What is left of the table of permissions while a workspace is archived: to read, to take somebody off, to leave, to bring it back.</summary>
internal static class ArchivedWorkspaces
{
    private static readonly FrozenSet<Operation> Closed = new[]
    {
        Operation.Send,
        Operation.UseTopics,
        Operation.Invite,
        Operation.RenameWorkspace,
        Operation.WriteObjects,
    }.ToFrozenSet();

    /// <summary>Of the signed log it is said by each record: <see cref="Log.LogAppends"/>.</summary>
    public static bool Allow(Operation operation) => !Closed.Contains(operation);
}
