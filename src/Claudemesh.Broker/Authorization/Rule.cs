using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Authorization;

/// <summary>One row of the table: who may do an operation, and by which credential.</summary>
/// <param name="LeastRole">In the workspace; null: it is about the account itself, in no workspace.</param>
/// <param name="Needs">What an API key or a personal token must have for it; null: neither will do, whatever it has.</param>
/// <param name="Fresh">Of a session: its person must have proved who he is in the last minutes.</param>
/// <param name="Tokens">Whether a personal token can do it: not what outlives it, such as making an API key.</param>
internal sealed record Rule(MemberRole? LeastRole, KeyCapabilities? Needs, bool Fresh = false, bool Tokens = true)
{
    /// <summary>Whether a credential of this kind can do it at all.</summary>
    public bool Takes(Credential credential) => credential switch
    {
        Credential.Socket => LeastRole is not null,
        Credential.Session => true,
        Credential.PersonalToken => Needs is not null && Tokens,
        Credential.ApiKey => LeastRole is not null && Needs is not null,
        _ => false,
    };
}
