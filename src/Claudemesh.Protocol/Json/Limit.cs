namespace Claudemesh.Protocol;

/// <summary>
/// Limits that a type alone does not hold. Each answers null when the limit is kept, else the end of the sentence that refuses the message.
/// </summary>
internal static class Limit
{
    public static string? TooLong(string field, string? text, int charsMax) =>
        text is null || text.Length <= charsMax ? null : $"{field} must have at most {charsMax} characters";

    public static string? TooMany<T>(string field, T[]? list, int countMax) =>
        list is null || list.Length <= countMax ? null : $"{field} must have at most {countMax} entries";

    /// <summary>The generated reader lets a null be an entry of a list of records.</summary>
    public static string? HasNull<T>(string field, T[] list)
        where T : class =>
        Array.Exists(list, entry => entry is null) ? $"{field} must be a list without nulls" : null;

    /// <summary>Signatures and challenges have one length; a call of the primitive with another one would be a bug of ours.</summary>
    public static string? NotBytes(string field, byte[]? value, int length) =>
        value is null || value.Length == length ? null : $"{field} must have {length} bytes";

    /// <summary>At most one point a lane, none before the beginning.</summary>
    public static string? NotResume(string field, ResumePoint[]? points)
    {
        if (points is null)
            return null;

        int lanes = 0;
        foreach (ResumePoint point in points)
        {
            int lane = 1 << (int)point.Lane;
            if ((lanes & lane) != 0 || point.Through < 0)
                return $"{field} must have at most one position of 0 or more for each lane";

            lanes |= lane;
        }

        return null;
    }
}
