using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// Makes a recorded hello fresh and leaves it as it was otherwise, mistakes included: its times keep their distance from the
/// moment they were sent at, and what had been signed is signed again by whoever had signed it.
/// </summary>
/// <param name="memberIds">What the recorded broker called its members, and what this one does.</param>
internal sealed class HelloRenewal(RecordedIdentities identities, IReadOnlyDictionary<string, string> memberIds)
{
    /// <param name="later">How much later than in the recording it is said.</param>
    public void Renew(JsonObject hello, TimeSpan later)
    {
        bool isSession = Allowances.Is(hello, "session_hello");
        string memberId = isSession ? "parentMemberId" : "memberId";
        Func<JsonObject, string> text = isSession ? SessionHelloText : HelloText;
        SigningKey? signer = FindSigner(hello, text);
        if ((string?)hello[memberId] is { } recorded && memberIds.TryGetValue(recorded, out string? here))
            hello[memberId] = here;

        Move(hello, "timestamp", later);
        SignAgain(hello, signer, text);
        if (hello["parentAttestation"] is JsonObject attestation)
        {
            SigningKey? vouching = FindSigner(attestation, AttestationText);
            Move(attestation, "expiresAt", later);
            SignAgain(attestation, vouching, AttestationText);
        }
    }

    private static string HelloText(JsonObject hello) => $"{hello["meshId"]}|{hello["memberId"]}|{hello["pubkey"]}|{hello["timestamp"]}";

    private static string SessionHelloText(JsonObject hello) =>
        $"claudemesh-session-hello|{hello["meshId"]}|{hello["parentMemberPubkey"]}|{hello["sessionPubkey"]}|{hello["timestamp"]}";

    private static string AttestationText(JsonObject attestation) =>
        $"claudemesh-session-attest|{attestation["parentMemberPubkey"]}|{attestation["sessionPubkey"]}|{attestation["expiresAt"]}";

    private static void Move(JsonObject signed, string time, TimeSpan later)
    {
        if (signed[time] is not { } value || !long.TryParse(value.ToString(), CultureInfo.InvariantCulture, out long recorded))
            return;

        long moved = recorded + (long)later.TotalMilliseconds;
        signed[time] = value.GetValueKind() == JsonValueKind.String ? moved.ToString(CultureInfo.InvariantCulture) : moved;
    }

    /// <summary>Null when nobody who is known has signed it: then its signature stays wrong.</summary>
    private SigningKey? FindSigner(JsonObject signed, Func<JsonObject, string> text)
    {
        string signature = (string)signed["signature"]!;
        return signature.Length == 128
            ? identities.Keys.FirstOrDefault(key => Ed25519.Verify(key.Public, Encoding.UTF8.GetBytes(text(signed)), Convert.FromHexString(signature)))
            : null;
    }

    private static void SignAgain(JsonObject signed, SigningKey? signer, Func<JsonObject, string> text)
    {
        if (signer is not null)
            signed["signature"] = Forms.Hex(signer.Sign(Encoding.UTF8.GetBytes(text(signed))));
    }
}
