using System.Security.Cryptography;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

internal enum CeremonyKind : byte
{
    PasskeySignUp = 1,
    PasskeySignIn = 2,
    PasskeyAdd = 3,
    PasskeyFresh = 4,
    SecondFactor = 5,
    Oidc = 6,
}

/// <summary>Something that takes two requests.</summary>
/// <param name="Binding">What the browser or the session has that began it: nobody else ends it.</param>
/// <param name="Account">Null: nobody is known yet.</param>
/// <param name="State">What the verifier wants back; it never leaves the broker.</param>
/// <param name="About">What was asked for, as JSON.</param>
/// <param name="User">The id of an account that it makes.</param>
internal sealed record Ceremony(CeremonyKind Kind, string Binding, AccountNo? Account = null, string State = "", string About = "", UserId? User = null);

/// <summary>
/// Ceremonies lie on the broker, under a random id: each is over with its first use, whatever comes of it, and after five minutes. They are rows, so that
/// a broker that restarts, or another on the same database, ends what one has begun.
/// </summary>
internal sealed class Ceremonies(Database database)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Open ones. Each address may begin few at a time, so that it takes many to fill this.</summary>
    public const int OpenMax = 100_000;

    private const int SweptAtOnce = 500;

    private const string Columns = "kind, binding, account_no, state, about, user_id, expires_at";

    /// <returns>Its id; null when too many are open.</returns>
    public async Task<string?> BeginAsync(Ceremony ceremony, CancellationToken cancellationToken)
    {
        OneTimeToken id = OneTimeToken.Generate();
        bool begun = await database.WriteAsync(
            scope =>
            {
                scope.Sql.Execute(
                    "DELETE FROM ceremony WHERE id_hash IN (SELECT id_hash FROM ceremony WHERE expires_at <= @now ORDER BY expires_at LIMIT @some)",
                    ("@now", scope.Now.Micros), ("@some", (long)SweptAtOnce));
                if (scope.Sql.FindNumber("SELECT count(*) FROM ceremony") >= OpenMax)
                    return false;

                scope.Sql.Execute(
                    """
                    INSERT INTO ceremony (id_hash, kind, binding, account_no, user_id, state, about, expires_at)
                    VALUES (@id, @kind, @binding, @account, @user, @state, @about, @expires)
                    """,
                    ("@id", id.Hash()), ("@kind", (long)ceremony.Kind), ("@binding", OneTimeToken.HashOf(ceremony.Binding)), ("@account", ceremony.Account?.Value),
                    ("@user", ceremony.User?.Value), ("@state", ceremony.State), ("@about", ceremony.About),
                    ("@expires", (scope.Now.ToTime() + Life).ToInstant().Micros));
                return true;
            },
            cancellationToken);
        return begun ? id.Reveal() : null;
    }

    /// <summary>Ends it. Null where there is none of this kind and binding that is not over; it is gone all the same.</summary>
    public async Task<Ceremony?> TakeAsync(CeremonyKind kind, string id, string? binding, CancellationToken cancellationToken)
    {
        if (!OneTimeToken.TryParse(id, out OneTimeToken token))
            return null;

        return await database.WriteAsync(
            scope => Good(
                scope.Sql.Find($"DELETE FROM ceremony WHERE id_hash = @id RETURNING {Columns}", Read, ("@id", token.Hash())), kind, binding, scope.Now),
            cancellationToken);
    }

    /// <summary>Looks at one without ending it, for what one may get wrong a few times.</summary>
    public async ValueTask<Ceremony?> FindAsync(CeremonyKind kind, string id, string? binding, CancellationToken cancellationToken)
    {
        Instant now = database.Clock.GetInstant();
        return OneTimeToken.TryParse(id, out OneTimeToken token)
            ? Good(
                await database.ReadAsync((Sql sql) => sql.Find($"SELECT {Columns} FROM ceremony WHERE id_hash = @id", Read, ("@id", token.Hash())), cancellationToken),
                kind, binding, now)
            : null;
    }

    /// <summary>Part of the write that its second half makes.</summary>
    /// <returns>False when it was over before.</returns>
    public static bool End(WriteScope scope, string id) =>
        scope.Sql.Execute("DELETE FROM ceremony WHERE id_hash = @id", ("@id", OneTimeToken.HashOf(id))) > 0;

    private static Ceremony? Good(Row? row, CeremonyKind kind, string? binding, Instant now) =>
        row is not null && row.Ceremony.Kind == kind && row.ExpiresAt > now.Micros && binding is not null
        && CryptographicOperations.FixedTimeEquals(row.Binding, OneTimeToken.HashOf(binding))
            ? row.Ceremony with { Binding = binding }
            : null;

    private static Row Read(SqlRow row) => new(
        new Ceremony(
            (CeremonyKind)row.GetInt64(0),
            Binding: "",
            row.Int64OrNull(2) is { } account ? new AccountNo(account) : null,
            row.GetString(3),
            row.GetString(4),
            row.TextOrNull(5) is { } user ? UserId.Parse(user) : null),
        row.GetFieldValue<byte[]>(1),
        row.GetInt64(6));

    private sealed record Row(Ceremony Ceremony, byte[] Binding, long ExpiresAt);
}
