using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh verify [PEER]</c></summary>
internal static class VerifyVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.SafetyList, "members");

    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string?>("PEER") { Description = "a member's name or key; everybody if left out", Arity = ArgumentArity.ZeroOrOne };
        var confirm = new Option<bool>("--confirm") { Description = "you have compared the number with PEER and it was the same" };
        var withdraw = new Option<bool>("--withdraw") { Description = "take that back" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("verify", "Shows the number to compare with a member, by telephone or face to face, to know that nobody stands between you.")
        {
            Arguments = { peer },
            Options = { confirm, withdraw, workspace },
            Examples = ["verify mou", "verify mou --confirm", "verify --json=name,verified"],
            Prints = Shape,
            FindMistake = parsed => (parsed.GetValue(confirm), parsed.GetValue(withdraw), parsed.GetValue(peer)) switch
            {
                (true, true, _) => "--confirm and --withdraw are opposites; give one.",
                (true, _, null) or (_, true, null) => "Say with whom you have compared: claudemesh verify PEER --confirm.",
                _ => null,
            },
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string? name, string? within) = (parsed.GetValue(peer), parsed.GetValue(workspace));
                (bool isConfirmed, bool isWithdrawn) = (parsed.GetValue(confirm), parsed.GetValue(withdraw));
                LocalReply<SafetyList> reply = isConfirmed || isWithdrawn
                    ? await around.Daemon.AskAsync((daemon, token) => daemon.MarkVerifiedAsync(new MarkVerified(name!, within, isConfirmed), token), cancellationToken)
                    : await around.Daemon.AskAsync((daemon, token) => daemon.ListSafetyAsync(within, name, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, list => Print(around, list, isAboutOne: name is not null));
            },
        };
    }

    private static void Print(Surroundings around, SafetyList list, bool isAboutOne)
    {
        Terminal terminal = around.Terminal;
        if (list.Members.Count == 0)
            terminal.WriteLine("There is nobody to compare with yet.");

        foreach (Safety one in list.Members)
        {
            terminal.WriteLine($"{terminal.Bold(PlainText.Line(one.Name))} in {PlainText.Line(one.Workspace)}: {Words(around.Clock, one)}");
            foreach (string block in one.SafetyNumber.Split(" / "))
                terminal.WriteLine("  " + block);
        }

        if (isAboutOne && list.Members is [{ Changed: false, Kind: not "legacy" } shown] && terminal.IsInteractive && Picture(terminal, shown) is { } picture)
            terminal.Write(picture);

        if (isAboutOne && list.Members is [{ Verified: false, Changed: false } only])
        {
            string name = PlainText.Line(only.Name);
            terminal.WriteLine(terminal.Dim($"Compare it with {name} over another channel. When {name} sees the same: claudemesh verify {name} --confirm"));
        }
    }

    /// <summary>The digits alone, so that the code is small and any reader shows what is to be compared.</summary>
    private static string? Picture(Terminal terminal, Safety one) => QrPicture.Draw(string.Concat(one.SafetyNumber.Where(char.IsAsciiDigit)), terminal.Columns);

    private static string Words(TimeProvider clock, Safety one)
    {
        if (one.Changed)
            return "THE SERVER SHOWS ANOTHER KEY than this one; nothing is sent there";

        string kind = one.Kind is "legacy" ? ", a 1.x client" : "";
        if (one.KeyChangedAt is { } changedAt)
            return $"not verified; the key changed on {KeyChanges.Day(changedAt, clock)}, signed by the old key{kind}";

        return one.VerifiedAt is { } at
            ? $"verified on {KeyChanges.Day(at, clock)}{kind}"
            : $"not verified{kind}";
    }
}
