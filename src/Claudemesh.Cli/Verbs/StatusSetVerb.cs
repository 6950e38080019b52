using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh status set STATUS</c></summary>
internal static class StatusSetVerb
{
    public static Verb Declare(Surroundings around)
    {
        var me = new AboutMe(around);
        Argument<string> status = SharedOptions.OneOfArgument(
            "STATUS", "idle; working; or dnd: only messages of priority now get through, the others wait", PeerStatuses.Idle, PeerStatuses.Working, PeerStatuses.Dnd);
        var verb = new Verb("set", "Says whether you can be disturbed; it stays until you set it again.")
        {
            Arguments = { status },
            Examples = ["status set dnd", "status set idle --session billing"],
            Prints = AboutMe.Shape,
            RunAsync = (parsed, cancellationToken) =>
                me.ChangeAsync(parsed, new ChangeSelf(new WhoAmI(), Status: parsed.GetRequiredValue(status)), self => Print(me, self), cancellationToken),
        };
        return verb.With(me.Options);
    }

    private static void Print(AboutMe me, Self self)
    {
        string effect = self.Status is PeerStatuses.Dnd ? "; only messages of priority now get through, the others wait" : "";
        me.WriteLine($"{me.Name(self)} is {self.Status} in {PlainText.Line(self.Workspace)}{effect}.");
    }
}
