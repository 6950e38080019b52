namespace Claudemesh.Protocol;

/// <summary>Limits that several messages share. Counts of characters are of UTF-16 units, as JavaScript counts.</summary>
public static class WireLimits
{
    public const int JsonDepthMax = 32;

    /// <summary>A <c>_reqId</c> or an <c>id</c>, in bytes as written in the JSON.</summary>
    public const int RequestIdBytesMax = 128;

    /// <summary>An Ed25519 signature.</summary>
    public const int SignatureBytes = 64;

    public const int ClientIdCharsMax = 128;
    public const int LegacyNameCharsMax = 256;
    public const int HostnameCharsMax = 255;
    public const int PathCharsMax = 1024;
    public const int ModelCharsMax = 128;
    public const int SummaryCharsMax = 1000;
    public const int AvatarCharsMax = 1000;
    public const int TitleCharsMax = 200;
    public const int BioCharsMax = 1000;
    public const int CapabilitiesMax = 32;
    public const int CapabilityCharsMax = 64;
    public const int ReasonCharsMax = 200;

    /// <summary>A name, a key or a part of one, as people type whom they mean; 1.x names are the longest.</summary>
    public const int ModerationTargetCharsMax = LegacyNameCharsMax;

    public const int TokenCharsMax = 4096;
    public const int GroupsMax = 64;
    public const int GroupRoleCharsMax = 64;
    public const int TagsMax = 32;
}
