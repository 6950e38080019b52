using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Authorization;

namespace Claudemesh.Broker.Accounts;

/// <summary>An account that has shown who it is, and how.</summary>
/// <param name="Session">Null for a personal token.</param>
internal sealed record SignedIn(Account Account, LoginSession? Session)
{
    public Credential Credential => Session is null ? Credential.PersonalToken : Credential.Session;

    /// <summary>What its own rate is counted under.</summary>
    public string RateId => Session!.Id;
}
