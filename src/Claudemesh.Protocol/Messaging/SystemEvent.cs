using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>What happened in a workspace, as the <c>event</c> and <c>eventData</c> of a <see cref="Push"/> with subtype <c>system</c>.</summary>
public abstract record SystemEvent
{
    private SystemEvent()
    {
    }

    /// <summary>The value of <c>event</c>.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    internal abstract JsonElement ToJson();

    /// <summary>Reads the event of a push. False for pushes that are messages and for events this version does not know.</summary>
    public static bool TryRead(Push push, [NotNullWhen(true)] out SystemEvent? happened)
    {
        happened = null;
        if (push is not { Subtype: "system", EventData: { ValueKind: JsonValueKind.Object } data })
            return false;

        try
        {
            ProtocolJson json = ProtocolJson.Default;
            happened = push.Event switch
            {
                PeerJoined.EventName => data.Deserialize(json.PeerJoined),
                PeerReturned.EventName => data.Deserialize(json.PeerReturned),
                PeerLeft.EventName => data.Deserialize(json.PeerLeft),
                PeerVisible.EventName => data.Deserialize(json.PeerVisible),
                PeerHidden.EventName => data.Deserialize(json.PeerHidden),
                ProfileUpdated.EventName => data.Deserialize(json.ProfileUpdated),
                _ => null,
            };
        }
        catch (JsonException)
        {
            // An event in a form this version does not know is an event it does not know.
        }

        return happened is not null;
    }

    /// <param name="PeerName">The peer's display name.</param>
    /// <param name="Pubkey">The peer's session key, else its member key.</param>
    public sealed record PeerJoined([property: JsonPropertyName("name")] string PeerName, PublicKey Pubkey, GroupTag[] Groups) : SystemEvent
    {
        internal const string EventName = "peer_joined";

        [JsonIgnore]
        public override string Name => EventName;

        internal override JsonElement ToJson() => JsonSerializer.SerializeToElement(this, ProtocolJson.Default.PeerJoined);
    }

    /// <summary>A member whom the workspace remembers is back.</summary>
    public sealed record PeerReturned(
        [property: JsonPropertyName("name")] string PeerName,
        PublicKey Pubkey,
        GroupTag[] Groups,
        DateTimeOffset? LastSeenAt = null,
        string? Summary = null) : SystemEvent
    {
        internal const string EventName = "peer_returned";

        [JsonIgnore]
        public override string Name => EventName;

        internal override JsonElement ToJson() => JsonSerializer.SerializeToElement(this, ProtocolJson.Default.PeerReturned);
    }

    public sealed record PeerLeft([property: JsonPropertyName("name")] string PeerName, PublicKey Pubkey) : SystemEvent
    {
        internal const string EventName = "peer_left";

        [JsonIgnore]
        public override string Name => EventName;

        internal override JsonElement ToJson() => JsonSerializer.SerializeToElement(this, ProtocolJson.Default.PeerLeft);
    }

    public sealed record PeerVisible([property: JsonPropertyName("name")] string PeerName, PublicKey Pubkey) : SystemEvent
    {
        internal const string EventName = "peer_visible";

        [JsonIgnore]
        public override string Name => EventName;

        internal override JsonElement ToJson() => JsonSerializer.SerializeToElement(this, ProtocolJson.Default.PeerVisible);
    }

    public sealed record PeerHidden([property: JsonPropertyName("name")] string PeerName, PublicKey Pubkey) : SystemEvent
    {
        internal const string EventName = "peer_hidden";

        [JsonIgnore]
        public override string Name => EventName;

        internal override JsonElement ToJson() => JsonSerializer.SerializeToElement(this, ProtocolJson.Default.PeerHidden);
    }

    /// <summary>What changed of a member; absent fields did not. Goes to that member's own connections.</summary>
    public sealed record ProfileUpdated(
        string? DisplayName = null,
        string? RoleTag = null,
        GroupTag[]? Groups = null,
        MessageMode? MessageMode = null) : SystemEvent
    {
        internal const string EventName = "profile_updated";

        [JsonIgnore]
        public override string Name => EventName;

        internal override JsonElement ToJson() => JsonSerializer.SerializeToElement(this, ProtocolJson.Default.ProfileUpdated);
    }
}
