using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Account;

/// <summary>Who this machine is, for people.</summary>
internal static class AccountPrint
{
    public static void LoggedIn(Surroundings around, LoggedIn done)
    {
        Account(around, done.Account);
        foreach (string note in done.Notes)
            around.Terminal.WriteLine(around.Terminal.Dim("note: ") + PlainText.Line(note));
        if (done.Account.FindHint() is { } hint)
            around.Terminal.WriteLine(around.Terminal.Dim("→ " + hint));
    }

    public static void Account(Surroundings around, MyAccount one)
    {
        Terminal terminal = around.Terminal;
        string name = one.DisplayName == one.Username ? PlainText.Line(one.Username) : $"{PlainText.Line(one.DisplayName)} ({PlainText.Line(one.Username)})";
        terminal.WriteLine($"{terminal.Bold(name)} on {PlainText.Line(one.Broker)}: {State(one)}");
        if (one.DeviceName is { } device && one.Kind is AccountKinds.Device && one.State is not AccountStates.LoggedOut)
            terminal.WriteLine($"  this machine is {PlainText.Line(device)}, {one.Device?[..8]}; its secret is in {Store(one.Store)}");
        if (one.Stale is { } why)
            terminal.WriteLine($"  not confirmed now{(one.ConfirmedAt is { } at ? $", last on {around.Minute(at)}" : "")}: {PlainText.Line(why)}");
        if (one.Workspaces.Count == 0)
            terminal.WriteLine("  no workspaces yet");
        terminal.Write(Table.Of([.. one.Workspaces.Select(workspace => new[] { "  " + PlainText.Line(workspace.Slug), PlainText.Line(workspace.Role), Words(workspace.State) })]));
    }

    private static string State(MyAccount one) => (one.Kind, one.State) switch
    {
        (AccountKinds.Token, AccountStates.SignedIn) => "by token, without keys: it reads lists and posts plain text where that is allowed, and nothing else",
        (_, AccountStates.SignedIn) => "logged in",
        (_, AccountStates.SignedOut) => "signed out by the broker; the keys are still here",
        (_, AccountStates.Locked) => $"the keychain ({one.Store}) is shut",
        _ => "logged out",
    };

    private static string Store(string store) => store is "file" ? "account.json, readable by you alone" : $"the keychain ({store})";

    private static string Words(string state) => state switch
    {
        AccountWorkspaceStates.Here => "",
        AccountWorkspaceStates.OtherKey => "its key is on another machine only",
        AccountWorkspaceStates.Locked => "shut until you log in",
        _ => state,
    };
}
