using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>The broker's rows of members, roles and keys: what a workspace's log says of them, where it says anything.</summary>
internal sealed class MemberRows(Withdrawal withdrawal, ApiKeyBook keys, PersonalTokens tokens) : ILogFollower
{
    public ILogPart? Follow(LogChange change) =>
        change.Scope is RootReference.MeshScope && change.Records.Any(record => ConcernsMembers(record.Body)) ? new MemberPart(change, withdrawal, keys, tokens) : null;

    private static bool ConcernsMembers(LogBody body) =>
        body is LogBody.Genesis or LogBody.Join or LogBody.Admit or LogBody.Role or LogBody.Remove or LogBody.KeyChange;
}
