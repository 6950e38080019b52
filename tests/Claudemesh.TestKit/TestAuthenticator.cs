using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Claudemesh.TestKit;

/// <summary>What an authenticator or a browser says otherwise than it should.</summary>
public sealed record PasskeyLie
{
    public string? Origin { get; init; }

    public string? Type { get; init; }

    public string? RpId { get; init; }

    public string? Challenge { get; init; }

    public byte? Flags { get; init; }

    public uint? Counter { get; init; }

    public string? UserHandle { get; init; }

    public bool FlipsSignature { get; init; }

    public bool OmitsUserHandle { get; init; }

    public bool CrossOrigin { get; init; }

    public int Algorithm { get; init; } = -7;
}

/// <summary>A passkey in software, after WebAuthn level 3: ES256, user verified, without attestation; and the browser that speaks for it.</summary>
public sealed class TestAuthenticator : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte BackupEligible = 0x08;
    private const byte BackedUp = 0x10;
    private const byte Attested = 0x40;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly bool counts;
    private uint counter;
    private string userHandle = "";

    /// <param name="counts">Whether it counts its signatures; synced passkeys say 0 always.</param>
    public TestAuthenticator(bool counts = false) => this.counts = counts;

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);

    public string Id => Base64Url.EncodeToString(CredentialId);

    /// <summary>Makes a credential for these options, as <c>credential.toJSON()</c> with the extensions emptied.</summary>
    public JsonObject Create(JsonNode options, string origin, PasskeyLie? lie = null)
    {
        lie ??= new PasskeyLie();
        userHandle = (string)options["user"]!["id"]!;
        byte[] client = ClientData("webauthn.create", options, origin, lie);
        byte[] data = AuthenticatorData(lie.RpId ?? (string)options["rp"]!["id"]!, lie, Attested, CredentialBytes(lie.Algorithm));
        CborWriter attestation = new(CborConformanceMode.Ctap2Canonical);
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString("none");
        attestation.WriteTextString("attStmt");
        attestation.WriteStartMap(0);
        attestation.WriteEndMap();
        attestation.WriteTextString("authData");
        attestation.WriteByteString(data);
        attestation.WriteEndMap();
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(client),
            ["attestationObject"] = Base64Url.EncodeToString(attestation.Encode()),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>Proves that it is there for these options.</summary>
    public JsonObject Get(JsonNode options, string origin, PasskeyLie? lie = null)
    {
        lie ??= new PasskeyLie();
        if (counts)
            counter++;
        byte[] client = ClientData("webauthn.get", options, origin, lie);
        byte[] data = AuthenticatorData(lie.RpId ?? (string)options["rpId"]!, lie, 0, []);
        byte[] signature = key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (lie.FlipsSignature)
            signature[^1] ^= 1;

        JsonObject response = new()
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(client),
            ["authenticatorData"] = Base64Url.EncodeToString(data),
            ["signature"] = Base64Url.EncodeToString(signature),
        };
        if (!lie.OmitsUserHandle)
            response["userHandle"] = lie.UserHandle ?? userHandle;
        return Credential(response);
    }

    /// <summary>The secret of an authenticator app as it is typed (RFC 4648, without padding).</summary>
    public static byte[] FromBase32(string text)
    {
        string bits = string.Concat(text.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(8 * i, 8), 2))];
    }

    public void Dispose() => key.Dispose();

    private JsonObject Credential(JsonObject response) => new()
    {
        ["id"] = Id,
        ["rawId"] = Id,
        ["type"] = "public-key",
        ["authenticatorAttachment"] = "platform",
        ["response"] = response,
        ["clientExtensionResults"] = new JsonObject(),
    };

    private static byte[] ClientData(string type, JsonNode options, string origin, PasskeyLie lie) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = lie.Type ?? type,
        ["challenge"] = lie.Challenge ?? (string)options["challenge"]!,
        ["origin"] = lie.Origin ?? origin,
        ["crossOrigin"] = lie.CrossOrigin,
    }.ToJsonString());

    private byte[] AuthenticatorData(string rpId, PasskeyLie lie, byte more, byte[] credential)
    {
        byte[] data = new byte[37 + credential.Length];
        SHA256.HashData(Encoding.UTF8.GetBytes(rpId), data);
        data[32] = (byte)((lie.Flags ?? (Present | Verified | BackupEligible | BackedUp)) | more);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), lie.Counter ?? counter);
        credential.CopyTo(data, 37);
        return data;
    }

    /// <summary>AAGUID of zeros, the id with its length, the key in COSE.</summary>
    private byte[] CredentialBytes(int algorithm)
    {
        ECParameters point = key.ExportParameters(includePrivateParameters: false);
        CborWriter cose = new(CborConformanceMode.Ctap2Canonical);
        cose.WriteStartMap(5);
        Pair(cose, 1, static writer => writer.WriteInt32(2));
        Pair(cose, 3, writer => writer.WriteInt32(algorithm));
        Pair(cose, -1, static writer => writer.WriteInt32(1));
        Pair(cose, -2, writer => writer.WriteByteString(point.Q.X!));
        Pair(cose, -3, writer => writer.WriteByteString(point.Q.Y!));
        cose.WriteEndMap();
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)CredentialId.Length);
        return [.. new byte[16], .. length, .. CredentialId, .. cose.Encode()];
    }

    private static void Pair(CborWriter writer, int label, Action<CborWriter> value)
    {
        writer.WriteInt32(label);
        value(writer);
    }
}
