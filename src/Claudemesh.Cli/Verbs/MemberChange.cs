using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>What the verbs that change a member print.</summary>
internal static class MemberChange
{
    public static readonly JsonShape Shape = new(LocalJson.Default.ChangedMember);

    public static void Print(Terminal terminal, ChangedMember changed)
    {
        (string name, string workspace) = (PlainText.Line(changed.Name), PlainText.Line(changed.Workspace));
        terminal.WriteLine(changed.Role switch
        {
            "none" => $"removed {name} from {workspace}",
            "owner" => $"{name} owns {workspace} now, and you are an admin",
            _ => $"{name} is {changed.Role} of {workspace}",
        });
        if (changed.Role is "none")
            terminal.WriteLine(terminal.Dim($"Open invites have ended, and a new key is in use: {name} reads nothing that is written from now on."));
    }
}
