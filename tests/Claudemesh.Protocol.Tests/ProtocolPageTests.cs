using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Claudemesh.Protocol.Tests;

/// <summary><c>docs/protocol.md</c> says what the records say.</summary>
public sealed class ProtocolPageTests
{
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "protocol.md"));

    public static TheoryData<string> Types => [.. WireMessages.ByWireType.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> Errors => [.. Catalogue.All.Select(error => error.Code)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_message_has_one_row_with_its_fields_and_which_of_them_may_be_left_out(string type)
    {
        string row = Assert.Single(Page, line => line.StartsWith($"| `{type}` | ", StringComparison.Ordinal));
        foreach (JsonPropertyInfo field in TypeInfo(type).Properties)
            Assert.Contains(field.IsRequired ? $"`{field.Name}`" : $"`{field.Name}?`", row, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_row_says_the_direction_the_kind_and_the_answer_of_the_record(string type)
    {
        Type record = WireMessages.ByWireType[type];
        string row = Assert.Single(Page, line => line.StartsWith($"| `{type}` | ", StringComparison.Ordinal));
        Type? request = record.GetInterfaces().FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IRequest<>));
        string expected = request is not null ? "peer → broker, request"
            : record.IsAssignableTo(typeof(INotice)) ? "peer → broker, notice"
            : record.IsAssignableTo(typeof(IEvent)) ? "broker → peer, event"
            : "broker → peer, reply";
        Assert.StartsWith($"| `{type}` | {expected}", row, StringComparison.Ordinal);

        if (request is not null)
        {
            string answer = WireMessages.ByWireType.Single(known => known.Value == request.GetGenericArguments()[0]).Key;
            Assert.Contains($"| `{answer}` |", row, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_message_is_in_the_json_context(string type) => Assert.NotNull(TypeInfo(type));

    [Theory]
    [MemberData(nameof(Errors))]
    public void Every_refusal_has_its_row(string code)
    {
        MeshError error = Catalogue.Get(code);
        string row = Assert.Single(Page, line => line.StartsWith($"| `{code}` | ", StringComparison.Ordinal));
        Assert.Equal($"| `{code}` | {error.HttpStatus} | {(error.Retryable ? "yes" : "no")} | {error.Message} |", row);
    }

    [Fact]
    public void Every_code_that_a_row_names_is_in_the_catalogue()
    {
        string[] codes = [.. Catalogue.All.Select(error => error.Code)];
        foreach (string row in Page.Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Count(mark => mark == '|') == 6))
        {
            foreach (string word in row.Split('|')[5].Split('`', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                Assert.Contains(codes, code => string.Equals(code, word, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void No_type_is_both_known_and_listed_as_unknown()
    {
        string unknown = string.Join('\n', Page.SkipWhile(line => !line.StartsWith("## Types of 1.x", StringComparison.Ordinal)));
        Assert.Contains("`create_task`", unknown, StringComparison.Ordinal);
        Assert.DoesNotContain(WireMessages.ByWireType.Keys, type => unknown.Contains($"`{type}`", StringComparison.Ordinal));
    }

    private static JsonTypeInfo TypeInfo(string type) => ProtocolJson.Default.GetTypeInfo(WireMessages.ByWireType[type])!;
}

/// <summary>All refusals of <see cref="MeshError"/>.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<MeshError> All { get; } =
    [
        .. typeof(MeshError).GetProperties(BindingFlags.Static | BindingFlags.Public)
            .Where(property => property.PropertyType == typeof(MeshError))
            .Select(property => (MeshError)property.GetValue(null)!),
    ];

    public static MeshError Get(string code) => All.Single(error => string.Equals(error.Code, code, StringComparison.Ordinal));
}
