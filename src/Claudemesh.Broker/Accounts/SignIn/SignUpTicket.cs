using System.Globalization;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

internal enum TicketKind : byte
{
    Setup = 1,

    /// <summary>Anybody may.</summary>
    Open = 2,

    /// <summary>An open invite to a workspace: joining uses it, not the account.</summary>
    Workspace = 3,

    /// <summary>An invite of the broker's operator, used by each account.</summary>
    Account = 4,
}

/// <summary>Why somebody may make an account.</summary>
/// <param name="Mark">Of a secret its hash in hexadecimal, so that a ticket may be kept between two requests; of a workspace's invite its id.</param>
internal sealed record SignUpTicket(TicketKind Kind, string Mark)
{
    public bool MakesOperator => Kind is TicketKind.Setup;

    public MeshError Refusal => Kind switch
    {
        TicketKind.Setup => MeshError.SetupLinkInvalid,
        TicketKind.Open => MeshError.SignUpClosed,
        _ => MeshError.InviteRequired,
    };

    /// <summary>Part of the write that makes the account, before anything is changed: whether it still lets in.</summary>
    public bool IsGood(WriteScope scope) => Kind switch
    {
        TicketKind.Setup => SetupLink.IsGood(scope.Sql, Mark),
        TicketKind.Account => AccountInvites.IsOpen(scope.Sql, Mark, scope.Now),
        _ => AccountStore.Any(scope.Sql),
    };

    /// <summary>Part of the same write, once the account is there.</summary>
    public void Use(WriteScope scope)
    {
        if (Kind is TicketKind.Setup)
            SetupLink.End(scope);
        else if (Kind is TicketKind.Account)
            AccountInvites.Use(scope, Mark);
    }

    public string Write() => string.Create(CultureInfo.InvariantCulture, $"{(int)Kind}:{Mark}");

    public static SignUpTicket Read(string text) =>
        new((TicketKind)int.Parse(text[..1], NumberStyles.None, CultureInfo.InvariantCulture), text[2..]);
}
