using System.Globalization;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Keys;

/// <summary>Records in words. Names are the broker's, keys the log's, so both are given where they matter.</summary>
internal sealed class LogWording(LiveWorkspace workspace)
{
    public LogEntry Describe(LogRecord record) => new(
        record.Seq,
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(record.Text.At, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())),
        workspace.NameOf(record.Author),
        record.Author.ToString(),
        record.Body.Type,
        Words(record.Body),
        record.Hash.ToString());

    private string Words(LogBody body) => body switch
    {
        LogBody.Genesis genesis => $"made the workspace, encryption {(genesis.EncryptionRequired ? "required" : "mixed")}",
        LogBody.Policy { TopicId: { } topic } policy => $"{(policy.PlainIn ? "lets" : "does not let")} plain text into topic {topic}",
        LogBody.Policy policy => $"set encryption to {(policy.EncryptionRequired ? "required" : "mixed")}",
        LogBody.Invite invite =>
            $"made invite {Short(invite.InviteId)} for {Count(invite.UsesMax, invite.Admits.ToString().ToLowerInvariant())}, until {Minute(invite.ExpiresAt)}",
        LogBody.Uninvite uninvite => $"revoked invite {Short(uninvite.InviteId)}",
        LogBody.Join join => $"joined with invite {Short(join.InviteId)}",
        LogBody.Admit admit => $"admitted {Who(admit.Key)} as {admit.As.ToString().ToLowerInvariant()}{(admit.Kind is MemberKind.Legacy ? ", a 1.x client" : "")}",
        LogBody.Role { Becomes: LogRole.Owner } role => $"handed the workspace to {Who(role.Key)}",
        LogBody.Role role => $"made {Who(role.Key)} {role.Becomes.ToString().ToLowerInvariant()}",
        LogBody.Remove remove => $"removed {Who(remove.Key)}{(remove.Reason.Length == 0 ? "" : ": " + PlainText.Line(remove.Reason))}",
        LogBody.KeyChange change => $"goes on under the key {change.NewKey.ToString()[..16]}{(change.Compromised ? ", because the old one may be in other hands" : "")}",
        LogBody.Epoch epoch => string.Create(
            CultureInfo.InvariantCulture,
            $"made root key {epoch.Number}{(epoch.Back.IsEmpty && epoch.Number > 1 ? ", without the past" : "")}{(epoch.Reason.Length == 0 ? "" : $" ({PlainText.Line(epoch.Reason)})")}"),
        _ => body.Type,
    };

    private string Who(PublicKey key) => $"{PlainText.Line(workspace.NameOf(key))} ({key.ToString()[..16]})";

    private static string Short(string inviteId) => inviteId[..Math.Min(8, inviteId.Length)];

    private static string Count(long uses, string role) => uses == 1 ? $"one {role}" : string.Create(CultureInfo.InvariantCulture, $"{uses} {role}s");

    private static string Minute(long at) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(at, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
        .ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
