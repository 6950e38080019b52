using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Safety numbers, compared as two people would: by what each sees on his own screen.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task Both_sides_see_one_number_and_who_has_compared_it_is_marked()
    {
        await using Scene scene = await Scene.SetAsync();
        JsonElement atAlice = await OneAsync(scene.Alice, "verify", "bob");
        JsonElement atBob = await OneAsync(scene.Bob, "verify", "alice");
        Ended screen = await scene.Alice.TryAsync("verify", "bob");

        string number = atAlice.GetProperty("safety_number").GetString()!;
        Assert.Equal(number, atBob.GetProperty("safety_number").GetString());
        Assert.Equal(60, number.Count(char.IsAsciiDigit));
        Assert.All(number.Split(" / "), block => Assert.Contains(block, screen.Output, StringComparison.Ordinal));
        Assert.False(atAlice.GetProperty("verified").GetBoolean());

        Assert.True((await OneAsync(scene.Alice, "verify", "bob", "--confirm")).GetProperty("verified").GetBoolean());
        Assert.True((await OneAsync(scene.Alice, "verify")).GetProperty("verified").GetBoolean());
        Assert.Contains((await scene.Alice.DoAsync("peers")).GetProperty("peers").EnumerateArray(), peer => peer.GetProperty("verified").GetBoolean());
        Assert.False((await OneAsync(scene.Bob, "verify")).GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task A_name_that_is_nearly_right_is_told()
    {
        await using Scene scene = await Scene.SetAsync();
        Ended ended = await scene.Alice.TryAsync("verify", "bbo");
        Assert.Equal((int)ExitCode.NotFound, ended.Code);
        Assert.Contains("Did you mean 'bob'?", ended.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> OneAsync(Person person, params string[] verb) =>
        Assert.Single((await person.DoAsync(verb)).GetProperty("members").EnumerateArray().ToArray());
}
