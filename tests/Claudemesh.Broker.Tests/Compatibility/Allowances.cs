using System.Text.Json.Nodes;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>The one table of what may differ from a recorded conversation, and why.</summary>
internal static class Allowances
{
    /// <summary>Frames of ours that the recording does not have.</summary>
    public static readonly IReadOnlyList<(string Reason, Func<JsonObject, bool> Covers)> Extra =
    [
        ("our hello needs a challenge, and 1.x ignores what it does not know", frame => Is(frame, "challenge")),
        ("joins and leaves of connections that the file does not show, and of cold verbs, which are gone at once (wire 7.2, 3)",
            frame => Event(frame) is "peer_joined" or "peer_returned" or "peer_left"),
        ("who was away gets broadcasts and group messages when it comes (wire 7.2, 6)",
            frame => Is(frame, "push") && Event(frame) is null && frame["client_message_id"] is null),
        ("what cannot be read is answered, where the recorded broker said nothing (wire 7.2, 10)",
            frame => (Is(frame, "error") && (string?)frame["code"] is "bad_json" or "invalid_args") || (Is(frame, "ack") && (string?)frame["code"] == "invalid_args")),
        ("a frame above 64 KiB is taken, where the recorded broker hung up (wire 7.2, 8)",
            frame => Is(frame, "ack") && (string?)frame["id"] == "big2" && (bool)frame["queued"]!),
        ("original daemons get answers under the names that they wait for, too (wire 3.4)", frame => Is(frame, "state_data") || Is(frame, "memory_recall_result")),
    ];

    /// <summary>Fields whose value is a client's: any JSON, and here perhaps none, where it was set in an earlier file.</summary>
    public static readonly IReadOnlySet<(string Frame, string Field)> OfAnyKind = new HashSet<(string, string)>
    {
        ("state_result", "value"), ("state_list", "value"), ("state_change", "value"),
        ("topic_list_response", "description"),
    };

    /// <summary>Recorded frames that ours may leave out.</summary>
    public static readonly IReadOnlyList<(string Reason, Func<JsonObject, bool> Covers)> Missing =
    [
        ("the recorded HTTP verb that changes a profile is not on this broker; the test changes the groups itself", frame => Event(frame) is "profile_updated"),
    ];

    /// <summary>Fields of recorded frames that ours may leave out: type or event, and field.</summary>
    public static readonly IReadOnlyDictionary<(string Frame, string Field), string> MissingFields = new Dictionary<(string, string), string>
    {
        [("hello_ack", "restored")] = "the member had been here in an earlier file; on this broker it is new",
        [("hello_ack", "lastSeenAt")] = "as restored",
        [("hello_ack", "lastSummary")] = "as restored",
        [("hello_ack", "restoredStats")] = "as restored",
        [("hello_ack", "restoredGroups")] = "as restored",
        [("peer_returned", "lastSeenAt")] = "as restored: here it joins for the first time",
        [("peer_returned", "summary")] = "as restored: here it joins for the first time",
        [("peers_list", "stats")] = "cold verbs of earlier files had sent them",
        [("peers_list", "profile")] = "it was set in an earlier file",
        [("audit_result", "priority")] = "of message_sent: our audit does not tell who sent what",
        [("audit_result", "targetSpec")] = "as priority",
        [("audit_verify_result", "brokenAt")] = "the recorded chain was broken; ours is whole",
    };

    /// <summary>Refusals whose code differs: the recording's note, and our code.</summary>
    public static readonly IReadOnlyDictionary<string, string> Codes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        // A time that is text is no time; the recorded broker took it for one that is not near.
        ["hello: timestamp is a numeric string"] = "malformed",

        // A key in capitals is not a key in this form; the recorded broker looked it up and found nobody.
        ["hello: upper-case pubkey, signed as sent"] = "malformed",
    };

    /// <summary>Messages that were accepted then and are refused here, by the recording's note.</summary>
    public static readonly IReadOnlyDictionary<string, string> Refused = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bob-desk replies to key of the cold session (in 90 s lease)"] = "a cold verb is gone with its connection, and nobody else has its key",
        ["send to #name"] = "it was stored under a topic that nobody is in",
    };

    /// <summary>
    /// The ack as this broker gives it. Besides those above it differs where a member was away: that is no refusal any more
    /// (delivery engine, 12).
    /// </summary>
    public static JsonObject AckHere(JsonObject recorded, string note, bool toMember)
    {
        JsonObject here = (JsonObject)recorded.DeepClone();
        if (Refused.ContainsKey(note))
            here["queued"] = false;
        else if (toMember && ((string?)recorded["error"])?.StartsWith("no connected peer", StringComparison.Ordinal) == true)
        {
            here["queued"] = true;
            here.Remove("error");
        }

        return here;
    }

    public static string CodeHere(string note, string recorded) =>
        Codes.TryGetValue(note, out string? ours) ? ours : recorded;

    /// <summary>A member that returns in the recording may join here; the other way round it may not.</summary>
    public static bool SameEvent(string? recorded, string? actual) =>
        string.Equals(recorded, actual, StringComparison.Ordinal) || (recorded is "peer_returned" && actual is "peer_joined");

    public static bool Is(JsonObject frame, string type) => string.Equals((string?)frame["type"], type, StringComparison.Ordinal);

    public static string? Event(JsonObject frame) => (string?)frame["event"];
}
