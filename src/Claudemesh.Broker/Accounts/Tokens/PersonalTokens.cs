using System.Collections.Concurrent;
using System.Net;
using Claudemesh.Broker.ApiKeys;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <param name="Token">Null when there is none, or when it or its account is over.</param>
/// <param name="Wait">Not null: it was not looked up, and may be after this time.</param>
internal readonly record struct FoundToken(PersonalToken? Token, Account? Account, TimeSpan? Wait);

/// <summary>Finds personal tokens and ends them, and at once with them what is open by one.</summary>
internal sealed class PersonalTokens(PersonalTokenStore store, KeyEndings endings, LookupRate rate)
{
    /// <summary>Beyond, all are forgotten, and counted as guesses until they are found again.</summary>
    private const int KnownMax = 10_000;

    /// <summary>Hashes of those that were found: looking them up again is no guess, however many come at once.</summary>
    private readonly ConcurrentDictionary<string, byte> known = new(StringComparer.Ordinal);

    /// <param name="from">Who has it looked up: tokens that are none cost a read of the database that anybody can cause.</param>
    public async ValueTask<FoundToken> FindAsync(PersonalTokenSecret secret, IPAddress from, CancellationToken cancellationToken)
    {
        string place = Convert.ToHexString(secret.Hash());
        bool isGuess = !known.ContainsKey(place);
        if (isGuess && !rate.TryTake(from, out TimeSpan wait))
            return new FoundToken(null, null, wait);
        if (await store.FindLiveAsync(secret, cancellationToken) is not { } found)
        {
            known.TryRemove(place, out _);
            return default;
        }

        if (isGuess)
        {
            rate.GiveBack(from);
            Remember(place);
        }

        return new FoundToken(found.Token, found.Account, null);
    }

    /// <summary>For what stays open by a token that has been found: tells when it is over.</summary>
    /// <returns>Null when it has ended meanwhile.</returns>
    public async ValueTask<KeyWatch?> WatchAsync(PersonalToken token, CancellationToken cancellationToken)
    {
        KeyWatch watch = endings.Add(token, token.ExpiresAt);
        bool isLive = false;
        try
        {
            isLive = await store.IsLiveAsync(token, cancellationToken);
            return isLive ? watch : null;
        }
        finally
        {
            if (!isLive)
                watch.Dispose();
        }
    }

    /// <returns>False where the account has none of this id.</returns>
    public async Task<bool> RevokeAsync(AccountNo account, string id, CancellationToken cancellationToken)
    {
        if (await store.RevokeAsync(account, id, cancellationToken) is not { } no)
            return false;

        Ended([no]);
        return true;
    }

    /// <summary>By whoever holds it.</summary>
    public async Task RevokeAsync(PersonalTokenSecret secret, IPAddress from, CancellationToken cancellationToken)
    {
        if ((await FindAsync(secret, from, cancellationToken)).Token is { } token)
            await RevokeAsync(token.Account, token.Id, cancellationToken);
    }

    /// <summary>Those that another write has ended, once it is committed.</summary>
    public void Ended(IReadOnlyCollection<long> tokens) => endings.Raise<PersonalToken>(token => tokens.Contains(token.No));

    /// <summary>The account is deleted, and that is committed.</summary>
    public void Ended(AccountNo account) => endings.Raise<PersonalToken>(token => token.Account == account);

    private void Remember(string place)
    {
        if (known.Count >= KnownMax)
            known.Clear();

        known[place] = 0;
    }
}
