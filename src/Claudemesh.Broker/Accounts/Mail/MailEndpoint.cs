using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Mail;

/// <summary>The link that a letter has, and the wish for another letter.</summary>
internal sealed class MailEndpoint(AccountMail mail, AddressRate rate, PublicAddress address)
{
    public const string Token = "token";

    /// <summary>A browser opens it, so a page answers: the account's, which says what its address is now.</summary>
    public async Task VerifyAsync(RestCall call)
    {
        string? text = call.Text(Token, WireId.CharsMax);
        bool isGood = text is not null && await mail.VerifyAsync(text, call.Aborted);
        call.Http.Response.Headers.CacheControl = "no-store";
        call.Http.Response.Redirect(address.LinkTo(isGood ? "/account?email=verified" : "/account?error=" + MeshError.MailLinkInvalid.Code));
    }

    public async Task AskAsync(RestCall call)
    {
        if (!mail.IsOn)
        {
            await call.RefuseAsync(MeshError.MailAbsent);
            return;
        }

        if (!rate.TryTake(call.Http))
        {
            await call.RefuseAsync(MeshError.AddressRate);
            return;
        }

        await mail.AskToVerifyAsync(call.Account, call.Aborted);
        await call.AnswerAsync(refusal: null);
    }
}
