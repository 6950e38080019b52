using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Authorization;

namespace Claudemesh.Broker.Accounts;

/// <summary>An account that has shown who it is, and how.</summary>
/// <param name="Session">Null for a personal token.</param>
/// <param name="Token">The personal token by which the account came; null for a session.</param>
internal sealed record SignedIn(Account Account, LoginSession? Session, PersonalToken? Token = null)
{
    public Credential Credential => Session is null ? Credential.PersonalToken : Credential.Session;

    /// <summary>What its own rate is counted under.</summary>
    public string RateId => Session?.Id ?? Token!.Id;
}
