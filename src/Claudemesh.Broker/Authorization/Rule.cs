using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Authorization;

/// <summary>One row of the table: who may do an operation, and by which credential.</summary>
/// <param name="LeastRole">In the workspace; null: it is about the account itself, in no workspace.</param>
/// <param name="Needs">What an API key or a personal token must have for it; null: neither will do, whatever it has.</param>
/// <param name="Fresh">The person must have proved who he is in the last minutes.</param>
internal sealed record Rule(MemberRole? LeastRole, KeyCapabilities? Needs, bool Fresh = false)
{
    /// <summary>Whether a credential of this kind can do it at all.</summary>
    public bool Takes(Credential credential) => credential switch
    {
        Credential.Socket => LeastRole is not null,
        Credential.Session => true,
        Credential.PersonalToken => Needs is not null,
        Credential.ApiKey => LeastRole is not null && Needs is not null,
        _ => false,
    };
}
