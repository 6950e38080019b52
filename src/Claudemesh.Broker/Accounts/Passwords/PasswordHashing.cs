using System.Security.Cryptography;
using System.Text;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passwords;

/// <summary>
/// Hashes passwords, few at a time: each takes 64 MiB and a core for some tenths of a second, so that without a bound whoever sends many at once takes
/// the machine. Those above it wait; where too many wait, the next is told to come again.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    /// <summary>Waiting for one that runs: a few seconds' worth.</summary>
    public const int WaitingMax = 64;

    private const int AtOnceMax = 4;

    private readonly SemaphoreSlim room;
    private readonly PasswordCost cost;

    /// <summary>What an account without a password is compared with, so that it takes as long as one that has it.</summary>
    private readonly Lazy<PasswordHash> nobody;

    private int waiting;

    public PasswordHashing(PasswordOptions options)
    {
        cost = options.Cost;
        room = new SemaphoreSlim(Math.Clamp(Environment.ProcessorCount, 1, AtOnceMax));
        nobody = new Lazy<PasswordHash>(() => PasswordHash.Of(RandomNumberGenerator.GetBytes(PasswordHash.HashSize), cost));
    }

    /// <returns>The form that is stored; null when too many wait.</returns>
    public async ValueTask<string?> HashAsync(Password password, CancellationToken cancellationToken)
    {
        (bool _, PasswordHash? made) = await RunAsync(password, bytes => PasswordHash.Of(bytes, cost), cancellationToken);
        return made?.Write();
    }

    /// <param name="stored">Null: there is none, and it takes as long to say so.</param>
    /// <returns>Whether it is the one, and whether what is stored is of an older cost; null when too many wait.</returns>
    public async ValueTask<(bool IsRight, bool IsOld)?> VerifyAsync(Password password, string? stored, CancellationToken cancellationToken)
    {
        PasswordHash? known = stored is not null && PasswordHash.TryParse(stored, out PasswordHash? parsed) ? parsed : null;
        (bool ran, bool[]? right) = await RunAsync(password, bytes => (bool[])[(known ?? nobody.Value).Verify(bytes)], cancellationToken);
        return ran ? (known is not null && right![0], known is not null && known.Cost != cost) : null;
    }

    public void Dispose() => room.Dispose();

    /// <summary>On a pool thread of its own: the one that read the request must go on reading others.</summary>
    private async ValueTask<(bool Ran, T? Result)> RunAsync<T>(Password password, Func<byte[], T> work, CancellationToken cancellationToken)
        where T : class
    {
        if (Interlocked.Increment(ref waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref waiting);
            return (false, null);
        }

        try
        {
            await room.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(password.Value);
        try
        {
            return (true, await Task.Run(() => work(bytes), CancellationToken.None));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            room.Release();
        }
    }
}
