using System.Globalization;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>How it is told that a member has another key.</summary>
internal static class KeyChanges
{
    public static string Tell(KeyChange change, TimeProvider clock)
    {
        string name = PlainText.Line(change.Name);
        return $"The key of {name} in {PlainText.Line(change.Workspace)} changed on {Day(change.At, clock)}, signed by the old key. Compare the new number: claudemesh verify {name}";
    }

    public static string Day(DateTimeOffset at, TimeProvider clock) =>
        TimeZoneInfo.ConvertTime(at, clock.LocalTimeZone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
