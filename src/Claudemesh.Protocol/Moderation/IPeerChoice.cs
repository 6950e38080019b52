namespace Claudemesh.Protocol;

/// <summary>Whose connections <see cref="Kick"/> and <see cref="Disconnect"/> end: exactly one of the three.</summary>
public interface IPeerChoice
{
    /// <summary>Everybody whom the caller may disconnect, but for himself.</summary>
    bool? All { get; }

    /// <summary>Those who have given no sign of life for this long, in milliseconds.</summary>
    long? Stale { get; }

    /// <summary>A member's or a peer's name, its key, or a beginning of the key that only one has.</summary>
    string? Target { get; }

    internal string? FindChoiceFault()
    {
        int given = (All is true ? 1 : 0) + (Stale is null ? 0 : 1) + (Target is null ? 0 : 1);
        if (given != 1)
            return "exactly one of all, stale and target must be given";

        return Stale is < 0 ? "stale must be 0 or more milliseconds" : Limit.TooLong("target", Target, WireLimits.ModerationTargetCharsMax);
    }
}
