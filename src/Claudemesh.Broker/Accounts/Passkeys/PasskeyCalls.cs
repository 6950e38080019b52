using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>What every route about a passkey does with its request.</summary>
internal static class PasskeyCalls
{
    /// <summary>Bytes of a body that a credential fits into.</summary>
    public const int BodyBytesMax = 16 * 1024;

    public static Task AnswerCeremonyAsync(this RestCall call, PasskeyCeremonies.Reply reply) =>
        reply.Refusal is null ? call.AnswerAsync(reply.Ceremony!) : call.RefuseAsync(reply.Refusal);

    /// <summary>Null, with the refusal sent, where the body is of another form or has a secret in it.</summary>
    public static async ValueTask<PasskeyAnswer?> ReadCredentialAsync(this RestCall call)
    {
        if (await call.ReadBodyAsync<PasskeyAnswer>() is not { } answer)
            return null;
        if (!PasskeyCeremonies.HasSecret(answer.Credential))
            return answer;

        await call.RefuseAsync(MeshError.PasskeySecretSent);
        return null;
    }
}
