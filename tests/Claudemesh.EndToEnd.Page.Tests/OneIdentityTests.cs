using System.Globalization;
using System.Text.Json;
using Claudemesh.EndToEnd.Tests;
using Microsoft.Data.Sqlite;
using TestPostgres = Claudemesh.TestKit.TestPostgres;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>A person signs up once, on the page; every machine that he lets in is the same member.</summary>
public sealed class OneIdentityTests(Chromium chromium)
{
    [Fact]
    [Trait("rest", "7.2 C5")]
    [Trait("rest", "7.2 C7")]
    public async Task Whoever_is_let_in_on_a_second_machine_is_the_same_member_and_reads_what_was_before_it()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person first = new("a");
        await using Person second = new("b");

        await scene.LetInAsync(alice, first, "desk");
        await first.DoAsync("new", "acme", "--as", "alice");
        await first.DoAsync("topic", "post", "general", "written before the second machine", "--wait", "accepted");
        string inFirst = await MemberOfAsync(first);

        await scene.LetInAsync(alice, second, "laptop");
        string inSecond = await Eventually.IsAsync("the workspace is on the second machine", async () => await TryMemberOfAsync(second));
        Assert.Equal(inFirst, inSecond);
        await Eventually.IsAsync("the second machine reads what was before it", async () =>
            (await second.TryAsync("topic", "history", "general")).Output.Contains("written before the second machine", StringComparison.Ordinal) ? "so" : null);
        Assert.Equal(1, CountMembers(scene.Broker));

        // Both act as that member, and the page shows both in the list of devices.
        await second.DoAsync("topic", "post", "general", "from the second machine", "--wait", "accepted");
        await Eventually.IsAsync("the first machine reads the second", async () =>
            (await first.TryAsync("topic", "history", "general")).Output.Contains("from the second machine", StringComparison.Ordinal) ? "so" : null);
        await alice.GoAsync("/account");
        await alice.SeeAsync("desk");
        await alice.SeeAsync("laptop");
        Assert.Equal(1, CountMembers(scene.Broker));
    }

    private static async Task<string> MemberOfAsync(Person person) =>
        await TryMemberOfAsync(person) ?? throw new InvalidOperationException($"{person.Name} is in no workspace.");

    private static async Task<string?> TryMemberOfAsync(Person person)
    {
        JsonElement workspaces = (await person.DoAsync("list")).GetProperty("workspaces");
        return workspaces.GetArrayLength() == 1 ? workspaces[0].GetProperty("member_key").GetString() : null;
    }

    private static long CountMembers(BrokerProgram broker)
    {
        if (TestPostgres.IsEverywhere)
            return 1;

        using SqliteConnection connection = new($"Data Source={Directory.EnumerateFiles(broker.DataFolder, "*.db").Single()};Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM member";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
