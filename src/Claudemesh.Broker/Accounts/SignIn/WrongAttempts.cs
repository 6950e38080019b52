using System.Collections.Concurrent;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>How many may be wrong before one waits, and how long at most.</summary>
internal readonly record struct AttemptBound(int Free, TimeSpan WaitMax);

/// <summary>What wrong attempts are counted under. The name may be nobody's: names that exist and those that do not are treated alike.</summary>
/// <param name="Name">Empty: whatever the name.</param>
internal readonly record struct AttemptKey(string Name, string From, AttemptBound Bound);

/// <summary>
/// Counts wrong passwords and codes: after some, each makes the next wait twice as long, up to a bound. Nobody can keep another out by it: a stranger's
/// attempts count for his address, those of many addresses for the name, and a browser that the account has signed in on counts by itself; passkeys do
/// not wait at all. Kept in memory: who restarts the broker is not who guesses.
/// </summary>
internal sealed class WrongAttempts(TimeProvider clock)
{
    /// <summary>Kept at most; the oldest are forgotten first.</summary>
    public const int KeptMax = 100_000;

    public static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private const int ForgottenAtOnce = 1_000;

    /// <summary>Of one address over all names: an office mistypes so often, and who tries a list of names waits a minute for each.</summary>
    private static readonly AttemptBound OfAddress = new(Free: 60, TimeSpan.FromMinutes(1));

    private readonly ConcurrentDictionary<AttemptKey, Count> counts = new();
    private readonly Lock door = new();

    /// <summary>The keys of a password that is tried from here.</summary>
    /// <param name="known">The browser's mark, where the account has signed in on it.</param>
    public static AttemptKey[] ForPassword(string name, string address, string? known) => Keys("password:" + name, address, known, new(Free: 50, TimeSpan.FromMinutes(1)));

    /// <summary>Of a code of six digits: who gets so far has the password already, and there are few codes.</summary>
    public static AttemptKey[] ForCode(string name, string address, string? known) => Keys("code:" + name, address, known, new(Free: 10, TimeSpan.FromMinutes(15)));

    /// <summary>Counts an attempt as wrong before it is known, so that many at once are no more than one after another.</summary>
    /// <returns>How long to wait, where it may not be made now; then nothing is counted.</returns>
    public TimeSpan? Begin(AttemptKey[] keys)
    {
        lock (door)
        {
            DateTimeOffset now = clock.GetUtcNow();
            TimeSpan wait = keys.Max(key => counts.TryGetValue(key, out Count? count) ? count.NextAt - now : TimeSpan.Zero);
            if (wait > TimeSpan.Zero)
                return wait;

            if (counts.Count + keys.Length > KeptMax)
                ForgetOld(now);
            foreach (AttemptKey key in keys)
                Note(counts.GetOrAdd(key, static _ => new Count()), key.Bound, now);
            return null;
        }
    }

    /// <summary>It was right, so what was wrong before counts no longer; what was wrong for other names from the same address does.</summary>
    public void Succeeded(AttemptKey[] keys)
    {
        lock (door)
        {
            foreach (AttemptKey key in keys)
            {
                if (key.Name.Length > 0)
                    counts.TryRemove(key, out _);
                else if (counts.TryGetValue(key, out Count? count) && count.Wrong > 0)
                    count.Wrong--;
            }
        }
    }

    /// <summary>It was not looked at after all.</summary>
    public void GiveBack(AttemptKey[] keys)
    {
        lock (door)
        {
            foreach (AttemptKey key in keys)
            {
                if (counts.TryGetValue(key, out Count? count))
                    (count.Wrong, count.NextAt) = (Math.Max(0, count.Wrong - 1), default);
            }
        }
    }

    /// <summary>Says how long.</summary>
    public static Task WaitAsync(RestCall call, TimeSpan wait)
    {
        call.Http.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
        return call.RefuseAsync(MeshError.SignInWait);
    }

    private static AttemptKey[] Keys(string name, string address, string? known, AttemptBound ofName)
    {
        AttemptBound usual = new(Free: 5, TimeSpan.FromMinutes(15));
        return known is not null
            ? [new AttemptKey(name, "browser:" + known, usual)]
            : [new AttemptKey(name, address, usual), new AttemptKey(name, "", ofName), new AttemptKey("", address, OfAddress)];
    }

    private static void Note(Count count, AttemptBound bound, DateTimeOffset now)
    {
        if (now - count.LastAt > Forgotten)
            count.Wrong = 0;

        count.Wrong++;
        count.LastAt = now;
        int above = count.Wrong - bound.Free;
        count.NextAt = above < 0 ? now : now + Min(TimeSpan.FromSeconds(Math.Pow(2, Math.Min(above, 20))), bound.WaitMax);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void ForgetOld(DateTimeOffset now)
    {
        foreach ((AttemptKey key, Count count) in counts)
        {
            if (now - count.LastAt > Forgotten)
                counts.TryRemove(key, out _);
        }

        if (counts.Count < KeptMax - ForgottenAtOnce)
            return;
        foreach ((AttemptKey key, _) in counts.OrderBy(static pair => pair.Value.LastAt).Take(ForgottenAtOnce))
            counts.TryRemove(key, out _);
    }

    private sealed class Count
    {
        public int Wrong { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public DateTimeOffset NextAt { get; set; }
    }
}
