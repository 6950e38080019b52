using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Documents;

/// <summary>What is part of the program, answered as often as it is asked for: packed beforehand, and not sent again to who has it.</summary>
internal sealed class FixedAnswer
{
    private readonly string contentType;
    private readonly string caching;

    // The smallest first; the one that is not packed, which everybody takes, last.
    private readonly Form[] forms;

    private FixedAnswer(string contentType, string caching, params Form[] forms)
    {
        this.contentType = contentType;
        this.caching = caching;
        this.forms = forms;
    }

    /// <summary>A text that is packed when the program starts.</summary>
    /// <param name="resource">Its name in this assembly.</param>
    public static FixedAnswer Load(string resource, string contentType)
    {
        byte[] bytes = Read(resource) ?? throw new InvalidOperationException($"{resource} is not in the program.");
        return new FixedAnswer(contentType, "no-cache", Form.Of(Pack(bytes), "gzip"), Form.Of(bytes, packing: null));
    }

    /// <summary>A file that was packed when the program was built, if that made it smaller: <paramref name="resource"/> with <c>.br</c> and with <c>.gz</c>.</summary>
    /// <param name="caching">How long who has it need not ask again.</param>
    public static FixedAnswer LoadPacked(string resource, string contentType, string caching)
    {
        byte[] bytes = Read(resource) ?? throw new InvalidOperationException($"{resource} is not in the program.");
        return Read(resource + ".br") is { } brotli && Read(resource + ".gz") is { } gzip
            ? new FixedAnswer(contentType, caching, Form.Of(brotli, "br"), Form.Of(gzip, "gzip"), Form.Of(bytes, packing: null))
            : new FixedAnswer(contentType, caching, Form.Of(bytes, packing: null));
    }

    public async Task AnswerAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        Form form = FormFor(context.Request.Headers.AcceptEncoding);
        response.Headers.ETag = form.Tag;
        response.Headers.CacheControl = caching;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        response.Headers.XContentTypeOptions = "nosniff";
        if (response.StatusCode == StatusCodes.Status200OK && form.IsAmong(context.Request.Headers.IfNoneMatch))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (form.Packing is not null)
            response.Headers.ContentEncoding = form.Packing;
        response.ContentType = contentType;
        response.ContentLength = form.Bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(form.Bytes, context.RequestAborted);
    }

    private Form FormFor(StringValues accepted)
    {
        Form plain = forms[^1];
        if (!StringWithQualityHeaderValue.TryParseList(accepted!, out IList<StringWithQualityHeaderValue>? wishes))
            return plain;

        return forms.FirstOrDefault(form => form.Packing is not null && Takes(wishes, form.Packing)) ?? plain;
    }

    /// <summary>What is named counts before what <c>*</c> stands for; a quality of 0 is a refusal.</summary>
    private static bool Takes(IList<StringWithQualityHeaderValue> wishes, string packing)
    {
        StringWithQualityHeaderValue? wish = wishes.FirstOrDefault(one => one.Value.Equals(packing, StringComparison.OrdinalIgnoreCase))
            ?? wishes.FirstOrDefault(one => one.Value.Equals("*", StringComparison.Ordinal));
        return wish is { Quality: null or > 0 };
    }

    private static byte[]? Read(string resource)
    {
        using Stream? stream = typeof(FixedAnswer).Assembly.GetManifestResourceStream(resource);
        if (stream is null)
            return null;

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Pack(byte[] bytes)
    {
        using MemoryStream target = new();
        using (GZipStream gzip = new(target, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return target.ToArray();
    }

    /// <summary>One way to send it. Each has a tag of its own: else a cache could give one to who asked for another.</summary>
    /// <param name="Packing">Null: as it is.</param>
    private sealed record Form(byte[] Bytes, string? Packing, string Tag)
    {
        public static Form Of(byte[] bytes, string? packing) => new(bytes, packing, $"\"{Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 18))}\"");

        public bool IsAmong(StringValues tags)
        {
            if (tags.Count == 0 || !EntityTagHeaderValue.TryParseList(tags.ToArray()!, out IList<EntityTagHeaderValue>? held))
                return false;

            EntityTagHeaderValue own = new(Tag);
            return held.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(own, useStrongComparison: false));
        }
    }
}
