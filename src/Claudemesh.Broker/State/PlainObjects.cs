using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.State;

/// <summary>Writes what 1.x clients keep in clear, in rows marked as plain, and tells our clients of it so that they can show it as that.</summary>
internal sealed class PlainObjects(ObjectStore store, Database database)
{
    /// <summary>Frames of 1.x were never larger.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <param name="body">Null deletes.</param>
    /// <param name="beside">What is written with it, in the same transaction.</param>
    /// <param name="told">Called when it is written, in the order of the changes.</param>
    /// <returns>Why not; null when it is written, or when there was nothing to delete.</returns>
    public async Task<MeshError?> WriteAsync(
        Caller caller, ObjectKind kind, string name, byte[]? body, Action<WriteScope> beside, Action told, CancellationToken cancellationToken)
    {
        if (body?.Length > BodyBytesMax)
            return MeshError.PayloadTooLarge;
        if (body is not null && RequiresSealed(caller))
            return MeshError.EncryptionRequired;

        ObjectKey key = new(caller.Workspace.Row.No, kind, Plain: true, name);
        PutOutcome? outcome = await caller.Workspace.Objects.ChangeAsync(
            () => database.WriteAsync(
                scope =>
                {
                    PutOutcome? put = store.PutPlain(scope, key, body, caller.MemberNo, NameOf(caller));
                    if (put is { Refusal: null })
                        beside(scope);
                    return put;
                },
                cancellationToken),
            written =>
            {
                if (written?.Stored is not { } row)
                    return;

                caller.Workspace.Objects.Changed(row);
                told();
            });
        return outcome?.Refusal;
    }

    /// <summary>Whether the workspace's log says that nothing more may be kept in clear. Deleting what is there is always allowed.</summary>
    public static bool RequiresSealed(Caller caller) => caller.Workspace.Logs.Mesh is { IsEmpty: false, Log.EncryptionRequired: true };

    /// <summary>What 1.x calls the writer: its connection's name.</summary>
    public static string NameOf(Caller caller) => OneLine(caller.Self?.Details.DisplayName ?? caller.Member.DisplayName);

    /// <summary>Without control characters: not every database takes them in a text.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, static (line, from) =>
    {
        for (int i = 0; i < line.Length; i++)
            line[i] = char.IsControl(from[i]) ? ' ' : from[i];
    });

    /// <summary>Whether an original daemon asks, which waits for answers under names of its own (wire reference 3.4).</summary>
    public static bool IsOriginalDaemon(Caller caller) => caller.Self?.Details.Channel is Compatibility.LegacyChannels.Daemon;
}
