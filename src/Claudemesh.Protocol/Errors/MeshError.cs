namespace Claudemesh.Protocol;

/// <summary>An expected refusal. Every refusal the product can give is in this catalogue; see <c>docs/protocol.md</c>, "Errors".</summary>
/// <param name="Code">Stable, lower case, underscores; programs compare this.</param>
/// <param name="Message">One sentence: what, why and what to do.</param>
/// <param name="HttpStatus">The status when the refusal leaves over HTTP.</param>
public sealed partial record MeshError(string Code, string Message, int HttpStatus)
{
    // Original daemons decide by these words, wherever they stand in the text of an ack (wire reference 3.1).
    private static readonly string[] WordsOfRefusalForGood = ["invalid", "forbidden"];
    private static readonly string[] WordsThatEndRetries =
        ["invalid", "forbidden", "not_found", "schema", "auth", "signature", "payload_too_large", "unknown", "not_authorized"];

    /// <summary>True when the same request may succeed later without a change: a client keeps the message and tries again.</summary>
    public bool Retryable { get; init; }

    /// <summary>
    /// The text for the <c>error</c> field of an <c>ack</c>. An original daemon gives up on some words and retries on all others, so a refusal for
    /// good always has one of them here and a retryable one never does, whatever <see cref="With"/> put into the sentence.
    /// </summary>
    public string AckText => (Retryable, Contains(Message, Retryable ? WordsThatEndRetries : WordsOfRefusalForGood)) switch
    {
        (true, true) => Contains(Code, WordsThatEndRetries) ? "try again later" : $"{Code.Replace('_', ' ')}; try again later",
        (false, false) => $"invalid: {Message}",
        _ => Message,
    };

    /// <summary>The same refusal with a sentence that names the particular value.</summary>
    public MeshError With(string message) => this with { Message = message };

    private static bool Contains(string text, string[] words) =>
        Array.Exists(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
