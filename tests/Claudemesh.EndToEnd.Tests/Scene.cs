using System.Text.Json;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A broker, and two people of whom one has invited the other; all of it by the published programs.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private Scene(BrokerProgram broker) => Broker = broker;

    public BrokerProgram Broker { get; }

    public Person Alice { get; } = new("alice");

    public Person Bob { get; } = new("bob");

    /// <param name="trace">See <see cref="BrokerProgram.StartAsync"/>.</param>
    /// <param name="dataFolder">Where the broker's data is, if it is to be in a certain place.</param>
    /// <param name="flags">Further flags of the broker.</param>
    public static async Task<Scene> SetAsync(string? trace = null, string? dataFolder = null, params string[] flags)
    {
        Scene scene = new(await BrokerProgram.StartAsync(trace, dataFolder, flags));
        await scene.Alice.DoAsync("new", "acme", "--broker", scene.Broker.Url.ToString(), "--as", "alice");
        JsonElement invite = await scene.Alice.DoAsync("invite");
        await scene.Bob.DoAsync("join", invite.GetProperty("url").GetString()!, "--as", "bob");
        return scene;
    }

    /// <summary>A link of Alice's for one more.</summary>
    public async Task<string> InviteAsync() => (await Alice.DoAsync("invite")).GetProperty("url").GetString()!;

    public async ValueTask DisposeAsync()
    {
        await Alice.DisposeAsync();
        await Bob.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
