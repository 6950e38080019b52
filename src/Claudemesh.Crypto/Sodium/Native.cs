// libsodium 1.0.22, https://doc.libsodium.org. Sizes are given where a wrapper opens. Every function here is thread-safe once
// sodium_init has returned. The wrappers check lengths; nothing outside this project calls these.

using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]

namespace Claudemesh.Crypto.Sodium;

internal static partial class Native
{
    private const string Library = "libsodium";

    // The runtime runs this once, before the first call of any function below.
    static Native()
    {
        if (sodium_init() < 0)
            throw new InvalidOperationException("libsodium could not be initialised: no source of random bytes.");
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    internal static partial void sodium_memzero(Span<byte> bytes, nuint length);

    [LibraryImport(Library)]
    internal static partial int sodium_memcmp(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, nuint length);

    [LibraryImport(Library)]
    internal static partial int sodium_pad(out nuint paddedLength, Span<byte> buffer, nuint length, nuint blockSize, nuint capacity);

    [LibraryImport(Library)]
    internal static partial int sodium_unpad(out nuint length, ReadOnlySpan<byte> buffer, nuint paddedLength, nuint blockSize);

    [LibraryImport(Library)]
    internal static partial void randombytes_buf(Span<byte> bytes, nuint length);

    [LibraryImport(Library)]
    internal static partial int crypto_hash_sha256(Span<byte> hash, ReadOnlySpan<byte> input, ulong length);

    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha256(Span<byte> tag, ReadOnlySpan<byte> input, ulong length, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial nuint crypto_auth_hmacsha256_statebytes();

    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha256_init(Span<byte> state, ReadOnlySpan<byte> key, nuint keyLength);

    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha256_update(Span<byte> state, ReadOnlySpan<byte> input, ulong length);

    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha256_final(Span<byte> state, Span<byte> tag);

    [LibraryImport(Library)]
    internal static partial int crypto_kdf_hkdf_sha256_extract(
        Span<byte> prk, ReadOnlySpan<byte> salt, nuint saltLength, ReadOnlySpan<byte> ikm, nuint ikmLength);

    [LibraryImport(Library)]
    internal static partial int crypto_kdf_hkdf_sha256_expand(
        Span<byte> output, nuint outputLength, ReadOnlySpan<byte> context, nuint contextLength, ReadOnlySpan<byte> prk);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_detached(
        Span<byte> signature, nint signatureLength, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_core_ed25519_is_valid_point(ReadOnlySpan<byte> point);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_pk_to_curve25519(Span<byte> x25519, ReadOnlySpan<byte> ed25519);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_sk_to_curve25519(Span<byte> x25519, ReadOnlySpan<byte> ed25519);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_base(Span<byte> publicKey, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_box_beforenm(Span<byte> sharedKey, ReadOnlySpan<byte> theirPublic, ReadOnlySpan<byte> ourSecret);

    [LibraryImport(Library)]
    internal static partial int crypto_box_easy_afternm(
        Span<byte> ciphertext, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sharedKey);

    [LibraryImport(Library)]
    internal static partial int crypto_box_open_easy_afternm(
        Span<byte> message, ReadOnlySpan<byte> ciphertext, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sharedKey);

    [LibraryImport(Library)]
    internal static partial int crypto_box_seal(
        Span<byte> ciphertext, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_box_seal_open(
        Span<byte> message, ReadOnlySpan<byte> ciphertext, ulong length, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_secretbox_easy(
        Span<byte> ciphertext, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_secretbox_open_easy(
        Span<byte> message, ReadOnlySpan<byte> ciphertext, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_encrypt(
        Span<byte> ciphertext,
        nint ciphertextLength,
        ReadOnlySpan<byte> message,
        ulong length,
        ReadOnlySpan<byte> associated,
        ulong associatedLength,
        nint secretNonce,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_decrypt(
        Span<byte> message,
        nint messageLength,
        nint secretNonce,
        ReadOnlySpan<byte> ciphertext,
        ulong length,
        ReadOnlySpan<byte> associated,
        ulong associatedLength,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_pwhash(
        Span<byte> output,
        ulong outputLength,
        ReadOnlySpan<byte> password,
        ulong passwordLength,
        ReadOnlySpan<byte> salt,
        ulong passes,
        nuint memoryBytes,
        int algorithm);
}
