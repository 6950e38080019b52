using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh member list</c></summary>
internal static class MemberListVerb
{
    private const int FingerprintLength = 16;

    private static readonly JsonShape Shape = new(LocalJson.Default.MemberList, "members");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "list",
        "Lists the members as the signed log has them, and who waits to be let in.",
        ["member list", "member list -w acme --json=name,role,key"],
        Shape,
        (daemon, workspace, token) => daemon.ListMembersAsync(workspace, token),
        list => Print(around, list));

    private static void Print(Surroundings around, MemberList list)
    {
        if (list.Members.Count == 0)
            around.Terminal.WriteLine("You are in no workspace yet: claudemesh new NAME makes one.");

        around.Terminal.Write(Table.Of(
        [
            .. list.Members.Select(one => new[]
            {
                PlainText.Line(one.Workspace),
                PlainText.Line(one.Name) + (one.Self ? " (you)" : ""),
                Standing(one),
                one.Key[..Math.Min(FingerprintLength, one.Key.Length)],
                one.JoinedAt is { } since ? "since " + since.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "",
                Seen(around, one),
            }),
        ]));

        if (list.Members.FirstOrDefault(one => one.Role is "waiting") is { } waiting)
        {
            around.Terminal.WriteLine(around.Terminal.Dim(
                $"Compare the beginning of its key with {PlainText.Line(waiting.Name)} over another channel, then: claudemesh member admit {waiting.Key[..Math.Min(FingerprintLength, waiting.Key.Length)]}"));
        }
    }

    private static string Seen(Surroundings around, Member one)
    {
        string devices = one.Devices switch
        {
            null or 0 => "",
            1 => ", 1 device",
            { } count => string.Create(CultureInfo.InvariantCulture, $", {count} devices"),
        };
        return one switch
        {
            { Online: true } => "online" + devices,
            { LastSeenAt: { } at } => $"last seen {around.Minute(at)}{devices}",
            _ => "",
        };
    }

    private static string Standing(Member one)
    {
        string kind = one.Kind is "legacy" ? ", a 1.x client" : "";
        string verified = one.Verified ? ", verified" : "";
        return one.Role switch
        {
            "waiting" => "WAITS to be let in",
            "none" => $"UNVERIFIED, not in the log{kind}",
            _ => one.Role + kind + verified,
        };
    }
}
