using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Tests.Rekeying;

/// <summary>
/// Two people who write to each other while one of them changes his key again and again, back and forth; his connection is lost at any frame, and his daemon ends at
/// any moment. All of it follows from the seed but the moments themselves.
/// </summary>
internal sealed class RekeyPlay(RekeyScene scene, int seed)
{
    private ulong chance = (ulong)seed;
    private readonly List<MemberSecretKey> keys = [];
    private readonly List<string> toBob = [];
    private readonly List<string> toAlice = [];
    private int said;

    public async Task RunAsync(int steps)
    {
        keys.Add(MemberSecretKey.FromSeed((await scene.WorkspaceAsync()).Identity.Key.Key.ExposeSeed()));
        for (int step = 0; step < steps; step++)
        {
            switch (Roll(6))
            {
                case 0 or 1:
                    await SayAsync(scene.Alice, Roll(2) == 0 ? CurrentName() : "*", toBob);
                    break;
                case 2:
                    await SayAsync(scene.Bob, Roll(2) == 0 ? "alice" : "*", toAlice);
                    break;
                case 3:
                    await CrashAsync();
                    break;
                default:
                    await ChangeAsync();
                    break;
            }
        }
    }

    public async Task AssertAllArrivedAsync()
    {
        Heal();
        await scene.Bob.RestartAsync();
        string key = "";
        await Eventually.TrueAsync("both see one key", async () =>
        {
            key = await scene.BobsKeyAsync();
            return (await scene.WorkspaceAsync()).Keys.IsMember
                && Assert.Single(scene.Alice.Part<Workspaces.JoinedWorkspaces>().All).Keys.Mesh.State.Members.ContainsKey(PublicKey.Parse(key));
        });
        Assert.Contains(key, keys.Select(one => one.Public.ToString()));
        foreach (string text in toBob)
            Assert.True((await RekeyScene.NextAsync(scene.Bob, text)).Verified, text);
        foreach (string text in toAlice)
            Assert.True((await RekeyScene.NextAsync(scene.Alice, text)).Verified, text);
        await RekeyScene.SaysAsync(scene.Alice, "bob", "the last word", wait: "delivered");
        Assert.True((await Ok.Async(scene.Alice.Client.CheckLogAsync(null, default))).Sound);
        Assert.True((await Ok.Async(scene.Bob.Client.CheckLogAsync(null, default))).Sound);
        foreach (MemberSecretKey one in keys)
            one.Dispose();
    }

    /// <summary>SplitMix64: the same rolls for the same seed.</summary>
    private int Roll(int sides)
    {
        ulong mixed = chance += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)sides);
    }

    /// <summary>By his name, or by a key that may be one of before.</summary>
    private string CurrentName() => Roll(3) == 0 ? keys[Roll(keys.Count)].Public.ToString() : "bob";

    private async Task SayAsync(RunningDaemon who, string to, List<string> expected)
    {
        string text = $"message {++said} to {to[..Math.Min(8, to.Length)]}";
        LocalReply<SendResult> sent = await who.Client.SendAsync(new SendMessage(to, text, Workspace: "acme"), default);

        // A key that no record has named is nobody's.
        if (sent.Succeeded && sent.Value.Recipients.All(recipient => recipient.Encryption is Encryptions.Member))
            expected.Add(text);
    }

    private async Task ChangeAsync()
    {
        bool back = Roll(3) == 0 && keys.Count > 1;
        MemberSecretKey key = back ? keys[Roll(keys.Count)] : MemberSecretKey.Generate();
        if (!back)
            keys.Add(key);
        LoseAfter(Roll(12));
        using var patience = new CancellationTokenSource();
        if (Roll(3) == 0)
            patience.CancelAfter(TimeSpan.FromMilliseconds(Roll(200)));
        try
        {
            await scene.Bob.Part<Rekey>().ChangeAsync(await scene.WorkspaceAsync(), key, compromised: !back && Roll(4) == 0, patience.Token);
        }
        catch (OperationCanceledException)
        {
            await CrashAsync();
        }

        Heal();
    }

    private async Task CrashAsync()
    {
        scene.Between.LoseConnections();
        await scene.Bob.StopAsync();
        Heal();
        await scene.Bob.RestartAsync();
    }

    /// <summary>The connection is lost once so many frames have gone either way; 0: it is not.</summary>
    private void LoseAfter(int frames)
    {
        if (frames == 0)
            return;

        int left = frames;
        scene.Between.Show = scene.Between.Pass = frame =>
        {
            int now = Interlocked.Decrement(ref left);
            if (now == 0)
                scene.Between.LoseConnections();
            return now == 0 ? null : frame;
        };
    }

    private void Heal()
    {
        scene.Between.Show = frame => frame;
        scene.Between.Pass = frame => frame;
    }
}
