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
            if (!TryRead(renewal, pinned.UserId, next, key, out PublicKey renewed, out _, out _))
                return AccountProblems.AnotherAccount(pinned, $"a renewal that the key before it has not signed ({account})");

            key = renewed;
        }

        return key == account ? null : AccountProblems.AnotherAccount(pinned, account.ToString());
    }

    /// <summary>Reads a renewal; false when it is not the one that follows, or one of its first two signatures is wrong.</summary>
    public static bool TryRead(
        WireRenewal renewal, string userId, long generation, PublicKey before, out PublicKey account, out IReadOnlyList<PublicKey> removed, out long at)
    {
        (account, removed, at) = (default, [], 0);
        if (!SignedFields.TryOpen(renewal.Text, AccountRenewalText.Label, out SignedFields fields)
            || !fields.TryId(out string user)
            || !fields.TryNumber(out long number)
            || !fields.TryKey(out PublicKey old)
            || !fields.TryKey(out account)
            || !fields.TryField(out ReadOnlySpan<byte> gone)
            || !fields.TryNumber(out at)
            || !fields.AtEnd
            || gone.Length % PublicKey.Size != 0)
            return false;

        var keys = new List<PublicKey>();
        for (int from = 0; from < gone.Length; from += PublicKey.Size)
            keys.Add(new PublicKey(gone[from..(from + PublicKey.Size)]));
        removed = keys;
        return user == userId
            && number == generation
            && old == before
            && Ed25519.Verify(old, renewal.Text, renewal.OldSig)
            && Ed25519.Verify(account, renewal.Text, renewal.NewSig);
    }
}
