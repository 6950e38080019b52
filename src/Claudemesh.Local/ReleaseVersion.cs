using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Claudemesh.Local;

/// <summary>Compares the versions of programs by the rules of semver.org, §11.</summary>
public static class ReleaseVersion
{
    /// <summary>Whether <paramref name="version"/> comes before <paramref name="other"/>. What is no version comes before nothing.</summary>
    public static bool IsOlder(string? version, string? other) =>
        TryParse(version, out Version? left, out string[] leftLabels)
        && TryParse(other, out Version? right, out string[] rightLabels)
        && (left < right || (left == right && Compare(leftLabels, rightLabels) < 0));

    private static bool TryParse(string? text, [NotNullWhen(true)] out Version? numbers, out string[] labels)
    {
        string[] parts = (text ?? "").Split('+')[0].Split('-', 2);
        labels = parts.Length > 1 ? parts[1].Split('.') : [];
        return Version.TryParse(parts[0], out numbers);
    }

    private static bool TryNumber(string label, out long number) => long.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static int Compare(string[] left, string[] right)
    {
        // 2.0.0-rc.1 comes before 2.0.0.
        if (left.Length == 0 || right.Length == 0)
            return right.Length.CompareTo(left.Length);

        for (int at = 0; at < Math.Min(left.Length, right.Length); at++)
        {
            int order = (TryNumber(left[at], out long leftNumber), TryNumber(right[at], out long rightNumber)) switch
            {
                (true, true) => leftNumber.CompareTo(rightNumber),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(left[at], right[at]),
            };
            if (order != 0)
                return order;
        }

        return left.Length.CompareTo(right.Length);
    }
}
