using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

internal enum TicketKind : byte
{
    Setup,

    /// <summary>Anybody may.</summary>
    Open,

    /// <summary>An open invite to a workspace: joining uses it, not the account.</summary>
    Workspace,

    /// <summary>An invite of the broker's operator, used by each account.</summary>
    Account,
}

/// <summary>Why somebody may make an account.</summary>
/// <param name="Text">The token or the id of the invite.</param>
internal sealed record SignUpTicket(TicketKind Kind, string Text)
{
    public bool MakesOperator => Kind is TicketKind.Setup;

    /// <summary>Part of the write that makes the account, before anything is changed: whether it still lets in.</summary>
    public bool IsGood(WriteScope scope) => Kind switch
    {
        TicketKind.Setup => SetupLink.IsGood(scope.Sql, Text),
        TicketKind.Account => AccountInvites.IsOpen(scope.Sql, Text, scope.Now),
        _ => AccountStore.Any(scope.Sql),
    };

    /// <summary>Part of the same write, once the account is there.</summary>
    public void Use(WriteScope scope)
    {
        if (Kind is TicketKind.Setup)
            SetupLink.End(scope);
        else if (Kind is TicketKind.Account)
            AccountInvites.Use(scope, Text);
    }

    public MeshError Refusal => Kind is TicketKind.Setup ? MeshError.SetupLinkInvalid : MeshError.InviteRequired;
}

/// <summary>Who may make an account: the first by the link that the broker printed, then as the operator said.</summary>
internal sealed class SignUpTickets(Database database, LogInvites invites, BrokerSettings settings, TimeProvider clock)
{
    public async ValueTask<(SignUpTicket? Ticket, MeshError? Refusal)> FindAsync(string? setup, string? invite, CancellationToken cancellationToken)
    {
        bool isFirst = !await database.ReadAsync((Sql sql) => AccountStore.Any(sql), cancellationToken);
        if (isFirst || setup is not null)
        {
            return setup is not null && await database.ReadAsync((Sql sql) => SetupLink.IsGood(sql, setup), cancellationToken)
                ? (new SignUpTicket(TicketKind.Setup, setup), null)
                : (null, isFirst && setup is null ? MeshError.SetupLinkInvalid.With(
                    "The sign-up is invalid without the set-up link: the first account is made by the link that the broker prints when it starts. Open that.")
                    : MeshError.SetupLinkInvalid);
        }

        return settings.SignUp switch
        {
            SignUpRule.Open => (new SignUpTicket(TicketKind.Open, ""), null),
            SignUpRule.Invite when invite is not null && await FindInviteAsync(invite, cancellationToken) is { } ticket => (ticket, null),
            SignUpRule.Invite => (null, MeshError.InviteRequired),
            _ => (null, MeshError.SignUpClosed),
        };
    }

    private async ValueTask<SignUpTicket?> FindInviteAsync(string invite, CancellationToken cancellationToken)
    {
        if (InviteId.TryParse(invite, out InviteId id) && await invites.FindAsync(id, cancellationToken) is { } found && found.WhyClosed(clock) is null)
            return new SignUpTicket(TicketKind.Workspace, invite);

        SignUpTicket ticket = new(TicketKind.Account, invite);
        return await database.ReadAsync((Sql sql) => AccountInvites.IsOpen(sql, invite, clock.GetInstant()), cancellationToken) ? ticket : null;
    }
}
