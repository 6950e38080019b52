using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// An account's renewals, one after the other: each is signed by the key before it, the new key and a device that stays (keys.md 7). Who holds one key of the
/// account believes a later one by nothing else.
/// </summary>
internal sealed class RenewalChain(AccountHttp http)
{
    private const long LinksMax = 1000;

    /// <returns>Why the new key is not the account's; null when it is.</returns>
    public async Task<LocalProblem?> CheckAsync(
        BrokerAddress broker, string accessToken, StoredLogin pinned, PublicKey account, long generation, CancellationToken cancellationToken)
    {
        if (!PublicKey.TryParse(pinned.Key, out PublicKey key) || generation - pinned.Generation > LinksMax)
            return AccountProblems.AnotherAccount(pinned, account.ToString());

        for (long next = pinned.Generation + 1; next <= generation; next++)
        {
            LocalReply<WireRenewal> asked = await http.SendAsync(
                broker,
                HttpMethod.Get,
                $"api/my/renewal/{next}",
                null,
                (request, response) =>
                {
                    if (response is null)
                        request.Headers.Authorization = new("Bearer", accessToken);
                },
                WireJson.Default.WireRenewal,
                cancellationToken);
            if (asked.Value is not { } renewal)
                return asked.Problem;
            if (!TryRead(renewal, pinned.UserId, next, key, out AccountRenewalText text))
                return AccountProblems.AnotherAccount(pinned, $"a renewal that the key before it has not signed ({account})");

            key = text.NewAccount;
        }

        return key == account ? null : AccountProblems.AnotherAccount(pinned, account.ToString());
    }

    /// <summary>Reads a renewal; false when it is not the one that follows, or the signature of one of the two account keys is wrong.</summary>
    public static bool TryRead(WireRenewal renewal, string userId, long generation, PublicKey before, out AccountRenewalText text) =>
        AccountRenewalText.TryParse(renewal.Text, out text)
        && text.UserId == userId
        && text.Generation == generation
        && text.OldAccount == before
        && Ed25519.Verify(text.OldAccount, renewal.Text, renewal.OldSig)
        && Ed25519.Verify(text.NewAccount, renewal.Text, renewal.NewSig);
}
