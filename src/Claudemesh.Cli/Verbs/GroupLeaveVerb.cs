using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh group leave NAME</c></summary>
internal static class GroupLeaveVerb
{
    public static Verb Declare(Surroundings around)
    {
        var me = new AboutMe(around);
        var name = new Argument<string>("NAME") { Description = "a group that you are in" };
        var verb = new Verb("leave", "Takes you out of a group: what is sent to @NAME from now on does not reach you.")
        {
            Arguments = { name },
            Examples = ["group leave backend"],
            Prints = AboutMe.Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                string left = Groups.NameOf(parsed.GetRequiredValue(name));
                return me.ChangeAsync(parsed, new ChangeSelf(new WhoAmI(), Leave: left), self => Print(me, self, left), cancellationToken);
            },
        };
        return verb.With(me.Options);
    }

    private static void Print(AboutMe me, Self self, string left) =>
        me.WriteLine($"{me.Name(self)} is no longer in {PlainText.Line(Groups.Words(left, role: null))} of {PlainText.Line(self.Workspace)}.");
}
