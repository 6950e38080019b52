using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>What was made, or why not.</summary>
internal sealed record SignUpResult(Account? Account = null, LoginSession? Session = null, MeshError? Refusal = null);

/// <summary>Makes an account, what it is signed in with and its first session, in one write: of two who race for a name or the set-up link one has it.</summary>
internal sealed partial class SignUps(Database database, ILogger<SignUps> logger)
{
    /// <param name="addProof">Stores what the account is signed in with.</param>
    public async Task<SignUpResult> MakeAsync(
        NewAccount account, SignUpTicket ticket, HttpContext context, Action<WriteScope, AccountNo> addProof)
    {
        SignUpResult result = await database.WriteAsync(
            scope =>
            {
                if (!ticket.IsGood(scope))
                    return new SignUpResult(Refusal: ticket.Refusal);
                if (AccountStore.Add(scope, account) is not { } made)
                    return new SignUpResult(Refusal: MeshError.UsernameTaken);

                ticket.Use(scope);
                addProof(scope, made.No);
                return new SignUpResult(made, BrowserSignIn.Open(scope, context, made.No));
            },
            context.RequestAborted);
        if (result.Account is { } there)
            LogMade(there.Id.Value);
        return result;
    }

    public static NewAccount Plan(UserId id, Username username, DisplayName displayName, EmailAddress? email, SignUpTicket ticket) =>
        new(id, username.Value, username.Skeleton, displayName.Value, email?.Value, ticket.MakesOperator);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {User} was made")]
    private partial void LogMade(string user);
}
