namespace Claudemesh.Protocol.Signing;

/// <summary>
/// A text that is signed, hashed or associated with a ciphertext. Each type of this folder writes the bytes of exactly one such text,
/// so that signer and verifier cannot differ.
/// </summary>
public interface ISignable
{
    void WriteTo(ref SignedBytes bytes);
}
