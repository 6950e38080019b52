using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Claudemesh.Protocol.Tests;

/// <summary>Every field of every message, spoilt in every way: a record that is read is exactly what the page says.</summary>
public sealed class StrictnessTests
{
    public static TheoryData<string> Frames => GoldenFrameTests.Frames;

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_missing_field_is_refused_unless_it_may_be_left_out(string name) => Each(name, (frame, field, type) =>
    {
        frame.Remove(field.Name);
        bool accepted = WireMessages.Read(type, Bytes(frame), out MeshError? refusal) is not null;
        Assert.Equal(!field.IsRequired, accepted || BreaksAnotherRule(refusal));
        if (field.IsRequired)
            Assert.Contains($"{field.Name} must be given", refusal!.Message, StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_null_is_refused_where_a_value_is_needed(string name) => Each(name, (frame, field, type) =>
    {
        frame[field.Name] = null;
        bool nullable = field.AssociatedParameter!.IsNullable || Nullable.GetUnderlyingType(field.PropertyType) is not null;
        bool accepted = WireMessages.Read(type, Bytes(frame), out MeshError? refusal) is not null;
        Assert.Equal(nullable, accepted || BreaksAnotherRule(refusal));
    });

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_field_that_is_given_twice_is_refused(string name) => Each(name, (frame, field, type) =>
    {
        string once = Encoding.UTF8.GetString(Bytes(frame));
        string twice = $"{once[..^1]},\"{field.Name}\":{frame[field.Name]?.ToJsonString() ?? "null"}}}";
        Assert.Null(WireMessages.Read(type, Encoding.UTF8.GetBytes(twice), out MeshError? refusal));
        Assert.Equal("invalid_args", refusal!.Code);
    });

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_value_of_another_type_is_refused(string name) => Each(name, (frame, field, type) =>
    {
        if (field.PropertyType == typeof(JsonElement?) || field.PropertyType == typeof(JsonElement))
            return;

        JsonValueKind kind = frame[field.Name]?.GetValueKind() ?? JsonValueKind.Null;
        foreach (string other in (string[])["{}", "[{}]", "[null]", "7.5", "true", "\"\\ud800\"", "\"12\"", "1e400", "9223372036854775808"])
        {
            using JsonDocument value = JsonDocument.Parse(other);
            bool sameKind = value.RootElement.ValueKind == kind || (kind == JsonValueKind.False && other is "true");
            if (sameKind && other is "{}" or "\"12\"" or "true" or "7.5" || (sameKind && field.PropertyType == typeof(JsonElement?)))
                continue;

            string spoilt = Encoding.UTF8.GetString(Bytes(frame)).Replace(
                $"\"{field.Name}\":{frame[field.Name]?.ToJsonString() ?? "null"}", $"\"{field.Name}\":{other}", StringComparison.Ordinal);
            Assert.True(WireMessages.Read(type, Encoding.UTF8.GetBytes(spoilt), out MeshError? refusal) is null, $"{type.Name} took {other} for {field.Name}");
            Assert.Equal("invalid_args", refusal!.Code);
            Assert.Contains(field.Name, refusal.Message, StringComparison.Ordinal);
        }
    });

    [Theory]
    [MemberData(nameof(Frames))]
    public void An_unknown_field_changes_nothing(string name)
    {
        JsonObject frame = GoldenFrameTests.Parse(name);
        string type = (string)frame["type"]!;
        frame["somethingNew"] = new JsonObject { ["deep"] = new JsonArray(1, null, "x") };
        object? message = WireMessages.Read(WireMessages.ByWireType[type], Bytes(frame), out _);
        Assert.Equal(GoldenFrameTests.Text(name), WireMessages.Write(message!, (string?)frame["_reqId"] ?? ""));
    }

    [Fact]
    public void Names_of_fields_are_compared_with_their_letter_case()
    {
        Assert.False(FrameReader.TryRead("""{"Status":"idle"}"""u8, out SetStatus? _, out MeshError? refusal));
        Assert.Equal("The set_status is invalid: status must be given.", refusal.Message);
    }

    [Theory]
    [InlineData("null", "must be an object, not null")]
    [InlineData("[]", "not JSON of the documented form")]
    [InlineData("", "not JSON of the documented form")]
    [InlineData("{}", "created_at, display_name, mesh_id, name, owner_pubkey, proof, slug must be given")]
    [InlineData("""{"mesh_id":"a/b"}""", "mesh_id must be 1 to 64 letters, digits, - or _")]
    public void A_body_of_a_request_that_is_not_one_is_refused_in_one_sentence(string body, string expected)
    {
        Assert.False(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(body), out CreateWorkspace? _, out MeshError? refusal));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_is_not_utf8_is_refused()
    {
        byte[] body = [.. """{"token":"aÿ","uses":1}"""u8];
        body[Array.IndexOf(body, (byte)0xC3)] = 0xFF;
        Assert.False(FrameReader.TryReadBody(body, out InviteCreate? _, out MeshError? refusal));
        Assert.Equal("invalid_args", refusal.Code);
    }

    [Fact]
    public void A_body_deeper_than_32_levels_is_refused()
    {
        string deep = $$"""{"token":"a","uses":1,"x":{{new string('[', 32)}}{{new string(']', 32)}}}""";
        Assert.False(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(deep), out InviteCreate? _, out _));
        string allowed = $$"""{"token":"a","uses":1,"x":{{new string('[', 31)}}{{new string(']', 31)}}}""";
        Assert.True(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(allowed), out InviteCreate? _, out _));
    }

    [Theory]
    [InlineData("""{"token":"a","uses":0}""", "uses must be 1 to 1000")]
    [InlineData("""{"token":"a","uses":1001}""", "uses must be 1 to 1000")]
    [InlineData("""{"token":"a","uses":1.0}""", "uses is missing, null, given twice or of the wrong type")]
    [InlineData("""{"token":"a","uses":1e0}""", "uses is missing, null, given twice or of the wrong type")]
    [InlineData("""{"token":"a","uses":"1"}""", "uses is missing, null, given twice or of the wrong type")]
    [InlineData("""{"token":"a","uses":4294967297}""", "uses is missing, null, given twice or of the wrong type")]
    public void A_number_out_of_its_range_is_refused(string body, string expected)
    {
        Assert.False(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(body), out InviteCreate? _, out MeshError? refusal));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_and_lists_have_their_limits()
    {
        Refused<SetSummary>(new JsonObject { ["summary"] = new string('x', 1001) }, "summary must have at most 1000 characters");
        Refused<SetProfile>(new JsonObject { ["capabilities"] = new JsonArray(new string('x', 65)) }, "capabilities must have at most 64 characters");
        Refused<SetTags>(new JsonObject { ["tags"] = Many("t", 33) }, "tags must have at most 32 entries");
        Refused<MessageStates>(new JsonObject { ["messageIds"] = Many(new string('a', 32), 257) }, "messageIds must have at most 256 entries");
        Refused<JoinGroup>(new JsonObject { ["name"] = "ops", ["role"] = new string('x', 65) }, "role must have at most 64 characters");
        Refused<JoinGroup>(new JsonObject { ["name"] = "all" }, "name must be 1 to 64 letters");
    }

    [Fact]
    public void A_time_is_written_in_utc_with_three_digits_and_read_with_any_offset()
    {
        string frame = """{"messageId":"a","targetSpec":"*","delivered":true,"deliveredAt":"2026-11-23T07:31:01.2669+02:00","recipients":[]}""";
        Assert.True(FrameReader.TryRead(Encoding.UTF8.GetBytes(frame), out MessageStatusResult? result, out _));
        Assert.Contains("\"deliveredAt\":\"2026-11-23T05:31:01.266Z\"", WireMessages.Write(result, ""), StringComparison.Ordinal);
        Assert.False(FrameReader.TryRead(Encoding.UTF8.GetBytes(frame.Replace("2026-11-23T", "yesterday ", StringComparison.Ordinal)), out result, out _));
    }

    [Theory]
    [InlineData("member_hello", "signature", "signature must have 64 bytes")]
    [InlineData("session_open", "attestation", "attestation must have 64 bytes")]
    [InlineData("session_open", "proof", "proof must have 64 bytes")]
    [InlineData("message_progress", "signature", "signature must have 64 bytes")]
    [InlineData("receipt", "signature", "signature must have 64 bytes")]
    [InlineData("challenge", "challenge", "challenge must have 32 bytes")]
    public void A_signature_or_challenge_of_another_length_is_refused(string name, string field, string expected)
    {
        foreach (int length in (int[])[0, 31, 33, 63, 65])
        {
            JsonObject frame = GoldenFrameTests.Parse(name);
            frame[field] = Convert.ToBase64String(new byte[length]);
            Assert.Null(WireMessages.Read(WireMessages.ByWireType[name], Bytes(frame), out MeshError? refusal));
            Assert.Contains(expected, refusal!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""[{"lane":"now","through":1},{"lane":"now","through":2}]""", "at most one position")]
    [InlineData("""[{"lane":"now","through":-1}]""", "at most one position")]
    [InlineData("""[{"lane":"now"}]""", "resume")]
    public void A_resume_has_one_position_for_each_lane(string resume, string expected)
    {
        JsonObject frame = GoldenFrameTests.Parse("member_hello");
        frame["resume"] = JsonNode.Parse(resume);
        Refused<MemberHello>(frame, expected);
    }

    private static void Refused<T>(JsonObject body, string expected)
        where T : class, IMessage
    {
        Assert.False(FrameReader.TryRead(Bytes(body), out T? _, out MeshError? refusal));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    private static JsonArray Many(string text, int count) => [.. Enumerable.Repeat(text, count).Select(one => JsonValue.Create(one))];

    /// <summary>A version 3 body needs its header; that rule is not about the field being left out.</summary>
    /// <summary>Rules about several fields together, which a frame that lacks one of them may break.</summary>
    private static bool BreaksAnotherRule(MeshError? refusal) => Array.Exists(
        (string[])["header must be given with bodyVersion 3", "exactly one of all, stale and target must be given"],
        rule => refusal?.Message.Contains(rule, StringComparison.Ordinal) == true);

    private static void Each(string name, Action<JsonObject, JsonPropertyInfo, Type> test)
    {
        JsonObject frame = GoldenFrameTests.Parse(name);
        Type type = WireMessages.ByWireType[(string)frame["type"]!];
        foreach (JsonPropertyInfo field in ProtocolJson.Default.GetTypeInfo(type)!.Properties.Where(field => frame.ContainsKey(field.Name)))
            test((JsonObject)frame.DeepClone(), field, type);
    }

    private static byte[] Bytes(JsonObject frame) => Encoding.UTF8.GetBytes(frame.ToJsonString());
}
