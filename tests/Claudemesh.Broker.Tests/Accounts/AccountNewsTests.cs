using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts;

/// <summary>Every device of an account hears that something of the account has changed, in whatever workspace it is; others hear nothing.</summary>
public sealed class AccountNewsTests
{
    [Fact]
    public async Task Each_change_is_told_to_every_socket_of_the_accounts_members_and_to_no_other()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using TestMesh one = await TestMesh.StartAsync(broker: broker);
        await using TestMesh two = await TestMesh.StartAsync(broker: broker);
        using Person ann = await Person.StartAsync(broker);
        await using TestPeer here = await OwnAsync(one, ann, "ann");
        await using TestPeer there = await OwnAsync(two, ann, "ann");
        await using TestPeer bob = await one.JoinAsync("bob");
        await using TestMesh three = await TestMesh.StartAsync(broker: broker);
        TestMember older = await three.AddMemberAsync("older", legacy: true);
        await ann.Account!.OwnMemberAsync(broker, older.Id);
        await using LegacyPeer old = await older.ConnectLegacyAsync();

        using NewMachine machine = await NewMachine.AskAsync(broker);
        await ann.ApproveAsync(machine, machine.Name);
        await ann.PutVaultAsync(1, new byte[64]);
        await ann.DeleteAsync($"/api/my/devices/{machine.Key.Public}");
        await ann.RenewAsync([ann.Device.Public], []);
        (await ann.Account!.SignInAgainAsync(broker)).Dispose();
        Assert.Equal(204, (await ann.DeleteAsync("/api/my/sessions")).Status);

        foreach (TestPeer peer in new[] { here, there })
        {
            foreach (string what in new[] { "device_added", "vault", "device_removed", "renewed", "signed_out" })
                Assert.Equal(what, (string)(await peer.Socket.NextAsync("account_changed"))["what"]!);
        }

        Assert.Empty(await bob.Socket.AllUntilAnsweredAsync("account_changed"));
        Assert.Empty(await old.Socket.AllUntilAnsweredAsync("account_changed"));
    }

    private static async Task<TestPeer> OwnAsync(TestMesh mesh, Person person, string name)
    {
        TestMember member = await mesh.AddMemberAsync(name);
        await person.Account!.OwnMemberAsync(mesh.Broker, member.Id);
        return await member.ConnectAsync();
    }
}
