using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// The header <c>Idempotency-Key</c>: a post under the same one of the same API key, personal token or account is one post, however often it is sent. It
/// stands for the client id that a socket's sender gives: the first 16 bytes of SHA-256 over the id of who sends it and the text.
/// </summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    public const int CharsMax = 128;

    private const int IdSize = 16;

    /// <summary>The header's text, null where it is not there, and what is wrong with it.</summary>
    public static (string? Text, MeshError? Fault) Read(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
            return (null, null);

        return values is [{ Length: >= 1 and <= CharsMax } text] && text.All(static letter => letter is >= '!' and <= '~')
            ? (text, null)
            : (null, MeshError.InvalidArgs.With($"The header {Header} is invalid: it must be given once, with 1 to {CharsMax} visible ASCII characters."));
    }

    /// <summary>Of the same request always the same: fields that are given otherwise, such as a topic by its name, make no difference.</summary>
    public static ClientKey Of(Caller sender, string text, Send send)
    {
        ArrayBufferWriter<byte> named = new();
        Add(named, Encoding.ASCII.GetBytes(sender.Key?.Id ?? sender.SignedIn!.Token?.Id ?? sender.SignedIn.Account.Id.Value));
        Add(named, Encoding.ASCII.GetBytes(text));

        ArrayBufferWriter<byte> request = new(send.Ciphertext.Length + 512);
        Add(request, Encoding.ASCII.GetBytes(send.TargetSpec));
        Add(request, [(byte)send.BodyVersion!.Value, (byte)send.Priority!.Value, (byte)(send.Header is null ? 0 : 1)]);
        Add(request, send.Header ?? []);
        Add(request, send.Nonce);
        Add(request, send.Ciphertext);
        Add(request, Encoding.UTF8.GetBytes(send.ReplyToId ?? ""));
        foreach (string mention in send.Mentions ?? [])
            Add(request, Encoding.UTF8.GetBytes(mention));

        return new ClientKey(SHA256.HashData(named.WrittenSpan)[..IdSize], SHA256.HashData(request.WrittenSpan));
    }

    /// <summary>With its length before it, so that no two lists of fields have the same bytes.</summary>
    private static void Add(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> field)
    {
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(sizeof(int)), field.Length);
        to.Advance(sizeof(int));
        to.Write(field);
    }
}
