using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Protocol;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>
/// Access tokens: JWTs (RFC 9068) of ten minutes, signed by ES256 and by nothing else. A good one says which session came; whether that is over, and
/// when its person last proved who he is, is asked of the session.
/// </summary>
internal sealed class AccessTokens(SigningKeys keys, PublicAddress address, TimeProvider clock)
{
    public const string Audience = "claudemesh";
    public const string Algorithm = SecurityAlgorithms.EcdsaSha256;

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>How far the clock that made a token may be off.</summary>
    public static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(1);

    private const string Type = "at+jwt";
    private const string SessionClaim = "sid";
    private const int CharsMax = 2_048;

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false, MaximumTokenSizeInBytes = CharsMax };

    public string Mint(Account account, LoginSession session)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = Type,
            Issuer = address.Origin,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Life,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Sub] = account.Id.Value,
                [SessionClaim] = session.Id,
                [JwtRegisteredClaimNames.AuthTime] = session.AuthenticatedAt.ToUnixTimeSeconds(),
                [JwtRegisteredClaimNames.Jti] = Crypto.RandomBytes.NextId(),
            },
            SigningCredentials = new SigningCredentials(keys.Current, Algorithm),
        });
    }

    /// <summary>What a good token says; null for any other, whatever is wrong with it.</summary>
    public async ValueTask<TokenClaims?> ReadAsync(string token)
    {
        if (token.Length > CharsMax)
            return null;

        TokenValidationResult result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = address.Origin,
            ValidAudience = Audience,
            ValidTypes = [Type],
            ValidAlgorithms = [Algorithm],
            IssuerSigningKeyResolver = (_, _, id, _) => keys.Find(id) is { } key ? [key] : [],
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = IsInTime,
        });
        return result is { IsValid: true, SecurityToken: JsonWebToken read }
            && UserId.TryParse(read.Subject, out UserId user)
            && read.TryGetPayloadValue(SessionClaim, out string? session)
            && session is not null
                ? new TokenClaims(user, session)
                : null;
    }

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + SkewMax && (notBefore is not { } begin || now >= begin - SkewMax);
    }
}

/// <param name="Session">The id of the session that the token is of.</param>
internal readonly record struct TokenClaims(UserId User, string Session);
