namespace Claudemesh.Protocol.Tests.Errors;

/// <summary>Original daemons decide by words in the text whether they try again for ten minutes or give up.</summary>
public sealed class MeshErrorTests
{
    private static readonly string[] WordsThatEndRetries =
    [
        "invalid", "forbidden", "not_found", "schema", "auth", "signature", "payload_too_large", "unknown", "not_authorized", "target_not_found",
    ];

    public static TheoryData<string> Codes => [.. Catalogue.All.Select(error => error.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_refusal_for_good_says_invalid_or_forbidden_and_any_other_says_nothing_that_ends_retries(string code)
    {
        MeshError error = Catalogue.Get(code);
        if (error.Retryable)
            Assert.DoesNotContain(WordsThatEndRetries, word => error.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
        else
            Assert.True(error.Message.Contains("invalid", StringComparison.Ordinal) || error.Message.Contains("forbidden", StringComparison.Ordinal));

        Assert.Equal(error.Message, error.AckText);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_refusal_keeps_its_meaning_for_original_daemons_whatever_its_sentence_names(string code)
    {
        MeshError error = Catalogue.Get(code).With("group \"authors\" is invalid");
        if (error.Retryable)
            Assert.DoesNotContain(WordsThatEndRetries, word => error.AckText.Contains(word, StringComparison.OrdinalIgnoreCase));

        MeshError harmless = error.With("nothing to see");
        Assert.Equal(!error.Retryable, harmless.AckText.Contains("invalid", StringComparison.Ordinal));
    }

    [Fact]
    public void Codes_are_stable_words_and_no_two_are_the_same()
    {
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(error => error.Code).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Catalogue.All, error => Assert.Matches("^[a-z][a-z_]*$", error.Code));
        Assert.All(Catalogue.All, error => Assert.InRange(error.HttpStatus, 400, 599));
        Assert.All(Catalogue.All, error => Assert.EndsWith(".", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Refusals_of_a_send_begin_with_the_words_that_1x_documents()
    {
        Assert.StartsWith("rate_limit", MeshError.RateLimit.AckText, StringComparison.Ordinal);
        Assert.StartsWith("payload too large", MeshError.PayloadTooLarge.AckText, StringComparison.Ordinal);
        Assert.StartsWith("no connected peer for target", MeshError.NoConnectedPeer.AckText, StringComparison.Ordinal);
        Assert.StartsWith("blocked by recipient grants", MeshError.BlockedByGrants.AckText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_carries_the_code_under_every_name_that_clients_read()
    {
        Problem problem = Problem.From(MeshError.InviteExpired, ok: false);
        Assert.Equal("invite_expired", problem.Error);
        Assert.Equal("invite_expired", problem.Code);
        Assert.Equal(400, problem.Status);
        Assert.Equal(
            """{"type":"urn:claudemesh:error:invite_expired","title":"invite expired","status":400,"detail":"The invite is invalid: its time has passed. Ask for a new link.","error":"invite_expired","code":"invite_expired","ok":false}""",
            System.Text.Json.JsonSerializer.Serialize(problem, ProtocolJson.Default.Problem));
    }
}
