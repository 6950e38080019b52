using System.Runtime.CompilerServices;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Authorization;

/// <summary>The table is whole, and the page that shows it is what it says.</summary>
public sealed class PermissionsPageTests
{
    private const string AcceptVariable = "CLAUDEMESH_ACCEPT_GOLDEN";

    [Fact]
    public async Task The_page_says_what_the_table_says()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        string page = PermissionsPage.Of(broker.Services.GetRequiredService<RestRoutes>(), broker.Services.GetRequiredService<MessageRoutes>());

        string file = PathOf("docs/permissions.md");
        if (Environment.GetEnvironmentVariable(AcceptVariable) is { Length: > 0 })
            await File.WriteAllTextAsync(file, page);
        Assert.True(File.Exists(file) && await File.ReadAllTextAsync(file) == page, $"docs/permissions.md is not what the table says; {AcceptVariable}=1 writes it anew.");
    }

    [Fact]
    public void Every_operation_has_a_row() => Assert.Equal(Enum.GetValues<Operation>(), Permissions.Table.Keys.Order());

    /// <summary>An operation that nothing asks for is a row that nobody reads.</summary>
    [Fact]
    public async Task Every_row_is_asked_by_a_route_or_a_message()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        Operation[] asked =
        [
            .. broker.Services.GetRequiredService<RestRoutes>().All.Select(route => route.Operation).OfType<Operation>(),
            .. broker.Services.GetRequiredService<MessageRoutes>().Operations.Values.OfType<Operation>(),
        ];

        Assert.Empty(Permissions.Table.Keys.Except(asked));
    }

    [Fact]
    public async Task What_is_about_the_account_hangs_below_its_own_root_and_what_is_about_a_workspace_below_the_other()
    {
        await using TestBroker broker = await TestBroker.StartAsync();

        Assert.All(
            broker.Services.GetRequiredService<RestRoutes>().All.Where(route => route.Operation is not null),
            route => Assert.Equal((route.FullPath, Permissions.IsOfAccount(route.Operation!.Value)), (route.FullPath, route.Root is not RestRoutes.Base)));
        Assert.All(
            broker.Services.GetRequiredService<MessageRoutes>().Operations.Values.OfType<Operation>(), operation => Assert.False(Permissions.IsOfAccount(operation)));
    }

    private static string PathOf(string name, [CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "../../..", name);
}
