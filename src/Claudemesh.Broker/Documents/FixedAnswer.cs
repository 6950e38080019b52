using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Documents;

/// <summary>A text that is part of the program, answered as often as it is asked for: packed once, and not sent again to who has it.</summary>
internal sealed class FixedAnswer
{
    private readonly string contentType;
    private readonly byte[] plain;
    private readonly byte[] packed;
    private readonly string tag;

    private FixedAnswer(string contentType, byte[] bytes)
    {
        this.contentType = contentType;
        plain = bytes;
        packed = Pack(bytes);
        tag = Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 18));
    }

    /// <param name="resource">Its name in this assembly.</param>
    public static FixedAnswer Load(string resource, string contentType)
    {
        using Stream stream = typeof(FixedAnswer).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not in the program.");
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return new FixedAnswer(contentType, bytes.ToArray());
    }

    public async Task AnswerAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        bool takesPacked = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);

        // Two texts of bytes are two tags: else a cache could give one to who asked for the other.
        string given = takesPacked ? $"\"{tag}-gzip\"" : $"\"{tag}\"";
        response.Headers.ETag = given;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(given, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        byte[] bytes = takesPacked ? packed : plain;
        if (takesPacked)
            response.Headers.ContentEncoding = "gzip";
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static byte[] Pack(byte[] bytes)
    {
        using MemoryStream target = new();
        using (GZipStream gzip = new(target, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return target.ToArray();
    }
}
