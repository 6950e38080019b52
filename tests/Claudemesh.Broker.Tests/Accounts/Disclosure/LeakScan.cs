using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Claudemesh.Broker.Tests.Accounts.Disclosure;

/// <summary>
/// Looks for secrets in whatever a server kept or was sent, in every form in which bytes become text by accident. Twelve characters of one are a find:
/// part of a secret is no better than the whole.
/// </summary>
internal sealed class LeakScan
{
    private const int Window = 12;
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private readonly Dictionary<ulong, List<(byte[] Bytes, string Name)>> windows = [];

    /// <summary>A secret that is bytes: raw, as hexadecimal, base64 and Crockford's base32.</summary>
    public void AddBytes(string name, ReadOnlySpan<byte> secret)
    {
        Add(name, secret);
        Add(name, Ascii(Convert.ToHexStringLower(secret)));
        Add(name, Ascii(Convert.ToHexString(secret)));
        for (int before = 0; before < 3; before++)
        {
            string base64 = AtAlignment(secret, before);
            Add(name, Ascii(base64));
            Add(name, Ascii(base64.Replace('+', '-').Replace('/', '_')));
        }

        string base32 = ToCrockford(secret);
        foreach (string text in new[] { base32, string.Join('-', base32.Chunk(4).Select(group => new string(group))) })
        {
            Add(name, Ascii(text));
            Add(name, Ascii(text.ToLowerInvariant()));
        }
    }

    /// <summary>A secret that is a text, such as a password or a token; what a token's text encodes is one too.</summary>
    public void AddText(string name, string secret)
    {
        AddBytes(name, Encoding.UTF8.GetBytes(secret));
        string random = secret.Length > 4 && secret[3] is '_' && secret.StartsWith("cm", StringComparison.Ordinal) ? secret[4..] : secret;
        if (Base64Url.IsValid(random))
            AddBytes(name, Base64Url.DecodeFromChars(random));
    }

    /// <returns>Which secrets are there, and in which place; each once.</returns>
    public SortedSet<string> Find(IEnumerable<Trace> traces)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (Trace trace in traces)
        {
            Look(trace.Bytes, trace.Place, found);
            if (trace.IsText)
                Look(Plain(trace.Bytes), trace.Place, found);
        }

        return found;
    }

    private void Look(ReadOnlySpan<byte> bytes, string place, SortedSet<string> found)
    {
        for (int i = 0; i + Window <= bytes.Length; i++)
        {
            if (!windows.TryGetValue(MemoryMarshal.Read<ulong>(bytes[i..]), out List<(byte[] Bytes, string Name)>? candidates))
                continue;

            foreach ((byte[] window, string name) in candidates)
            {
                if (bytes.Slice(i, Window).SequenceEqual(window))
                    found.Add($"{name} in {place}");
            }
        }
    }

    /// <summary>Without the escapes of JSON and of forms and addresses: a text that is escaped is there all the same.</summary>
    private static byte[] Plain(byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes)
            .Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase).Replace("\\u002F", "/", StringComparison.OrdinalIgnoreCase).Replace("\\/", "/", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(Uri.UnescapeDataString(text));
    }

    private void Add(string name, ReadOnlySpan<byte> form)
    {
        for (int i = 0; i + Window <= form.Length; i++)
        {
            byte[] window = form.Slice(i, Window).ToArray();
            ulong key = MemoryMarshal.Read<ulong>(window);
            if (!windows.TryGetValue(key, out List<(byte[] Bytes, string Name)>? known))
                windows[key] = known = [];
            known.Add((window, name));
        }
    }

    /// <summary>The characters that the secret alone decides, where <paramref name="before"/> other bytes come before it.</summary>
    private static string AtAlignment(ReadOnlySpan<byte> secret, int before)
    {
        byte[] padded = [.. new byte[before], .. secret];
        int first = (before * 8 + 5) / 6;
        return Convert.ToBase64String(padded)[first..(padded.Length * 8 / 6)];
    }

    private static string ToCrockford(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        for (int bit = 0; bit + 5 <= bytes.Length * 8; bit += 5)
        {
            int value = 0;
            for (int i = bit; i < bit + 5; i++)
                value = value << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
            text.Append(Crockford[value]);
        }

        return text.ToString();
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}

/// <summary>Some bytes that the server has, or was sent.</summary>
/// <param name="IsText">Whether they may be escaped.</param>
internal sealed record Trace(string Place, byte[] Bytes, bool IsText);
