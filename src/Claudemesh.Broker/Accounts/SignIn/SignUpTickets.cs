using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>Who may make an account: the first by the link that the broker printed, then as the operator said.</summary>
internal sealed class SignUpTickets(Database database, LogInvites invites, BrokerSettings settings, TimeProvider clock)
{
    private static readonly MeshError First = MeshError.SetupLinkInvalid.With(
        "The sign-up is invalid without the set-up link: the first account is made by the link that the broker prints when it starts. Open that.");

    public async ValueTask<(SignUpTicket? Ticket, MeshError? Refusal)> FindAsync(string? setup, string? invite, CancellationToken cancellationToken)
    {
        bool isFirst = !await database.ReadAsync((Sql sql) => AccountStore.Any(sql), cancellationToken);
        if (isFirst || setup is not null)
        {
            return setup is not null && await TryAsync(TicketKind.Setup, OneTimeToken.MarkOf(setup), cancellationToken) is { } first
                ? (first, null)
                : (null, setup is null ? First : MeshError.SetupLinkInvalid);
        }

        if (settings.SignUp is SignUpRule.Closed)
            return (null, MeshError.SignUpClosed);
        if (settings.SignUp is SignUpRule.Open)
            return (new SignUpTicket(TicketKind.Open, ""), null);

        SignUpTicket? ticket = invite is null ? null
            : await TryAsync(TicketKind.Workspace, invite, cancellationToken) ?? await TryAsync(TicketKind.Account, OneTimeToken.MarkOf(invite), cancellationToken);
        return ticket is null ? (null, MeshError.InviteRequired) : (ticket, null);
    }

    /// <summary>Whether one that was found a while ago still lets in.</summary>
    public async ValueTask<bool> IsGoodAsync(SignUpTicket ticket, CancellationToken cancellationToken) => ticket.Kind switch
    {
        TicketKind.Setup => await database.ReadAsync((Sql sql) => SetupLink.IsGood(sql, ticket.Mark), cancellationToken),
        TicketKind.Account => await database.ReadAsync((Sql sql) => AccountInvites.IsOpen(sql, ticket.Mark, clock.GetInstant()), cancellationToken),
        TicketKind.Workspace => InviteId.TryParse(ticket.Mark, out InviteId id)
            && await invites.FindAsync(id, cancellationToken) is { } found && found.WhyClosed(clock) is null,
        _ => true,
    };

    private async ValueTask<SignUpTicket?> TryAsync(TicketKind kind, string mark, CancellationToken cancellationToken)
    {
        SignUpTicket ticket = new(kind, mark);
        return await IsGoodAsync(ticket, cancellationToken) ? ticket : null;
    }
}
