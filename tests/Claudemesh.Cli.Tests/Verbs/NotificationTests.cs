using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>Posts that mention a person: listed, and marked as read.</summary>
public sealed class NotificationTests : IDisposable
{
    private static readonly MyNotification First = new(
        "acme", Samples.FirstPost.Id, "mention", "deploys", Samples.Deploys.Id, "bob", Samples.BobKey, "@alice v2 is out", Encryptions.Member, true, true, null,
        Read: false, null, Desk.Now.AddMinutes(-30));

    private readonly Desk desk = new();

    public void Dispose() => desk.Dispose();

    [Theory]
    [InlineData("notification-list", "notification list --unread --since 2h")]
    [InlineData("notification-read", "notification read 0000A3f9")]
    [InlineData("me-notifications", "me notifications")]
    public async Task A_verb_about_notifications_prints_what_its_golden_files_say(string name, string line)
    {
        await using ScriptedDaemon daemon = Scripted();

        Seen people = await desk.TypeAsync(line.Split(' '));
        Seen json = await desk.TypeAsync([.. line.Split(' '), "--json"]);

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok, ""), (people.Code, people.Error, json.Code, json.Error));
        Golden.Matches(name + ".txt", people.Output);
        Golden.Matches(name + ".json", json.Output);
    }

    [Fact]
    public async Task What_is_to_be_marked_is_passed_on_as_it_was_typed()
    {
        await using ScriptedDaemon daemon = Scripted();

        await desk.TypeAsync("notification", "read", "0000A3f9", "0000A3fa", "-w", "acme");
        await desk.TypeAsync("notification", "read", "--topic", "#deploys");
        await desk.TypeAsync("notification", "read", "--all");

        Assert.Equal(
            [
                """{"ids":["0000A3f9","0000A3fa"],"topic":null,"all":false,"workspace":"acme"}""",
                """{"ids":null,"topic":"#deploys","all":false,"workspace":null}""",
                """{"ids":null,"topic":null,"all":true,"workspace":null}""",
            ],
            daemon.Requests.Select(request => request.Body));
    }

    [Fact]
    public async Task What_is_empty_or_could_not_be_asked_is_said_in_words()
    {
        StaleWorkspace away = new("acme", null, "Nobody answers there.");
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Notifications, new MyNotificationList([], 0, false, [away]), LocalJson.Default.MyNotificationList)
            .Answers("POST", LocalRoutes.NotificationsRead, new MarkedNotifications(0, [away]), LocalJson.Default.MarkedNotifications);

        Seen list = await desk.TypeAsync("notification", "list");
        Seen read = await desk.TypeAsync("notification", "read", "--all");

        Assert.Equal(("Nobody has mentioned you.\n", "claudemesh: acme could not be asked. Nobody answers there.\n"), (list.Output, list.Error));
        Assert.Equal(("None of them was unread.\n", list.Error), (read.Output, read.Error));
        Assert.Equal("Nothing unread.\n", (await desk.TypeAsync("notification", "list", "--unread")).Output);
    }

    [Fact]
    public async Task What_others_wrote_cannot_command_the_terminal()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "GET",
            LocalRoutes.Notifications,
            new MyNotificationList([First with { Sender = "b\e]0;x", Snippet = "a\e[2Jb\u202Ec", Topic = "x\n", Workspace = "w\e" }], 0, false, []),
            LocalJson.Default.MyNotificationList);

        Seen seen = await desk.TypeAsync("notification", "list");

        Assert.DoesNotContain('\e', seen.Output);
        Assert.DoesNotContain('\u202E', seen.Output);
        Assert.Equal(1, seen.Output.Count(letter => letter == '\n'));
    }

    private ScriptedDaemon Scripted() => new ScriptedDaemon(desk.Home)
        .Answers(
            "GET",
            LocalRoutes.Notifications,
            new MyNotificationList(
                [
                    First,
                    First with { Workspace = "other", Snippet = null, Unreadable = "no_root", SentAt = Desk.Now.AddHours(-1) },
                    First with { Topic = "ci", Encrypted = false, Encryption = Encryptions.None, Verified = false, Read = true, ReadAt = Desk.Now.AddMinutes(-5), SentAt = Desk.Now.AddDays(-3) },
                ],
                2,
                true,
                []),
            LocalJson.Default.MyNotificationList)
        .Answers("POST", LocalRoutes.NotificationsRead, new MarkedNotifications(1, []), LocalJson.Default.MarkedNotifications);
}
