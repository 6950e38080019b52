using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh group join NAME</c></summary>
internal static class GroupJoinVerb
{
    public static Verb Declare(Surroundings around)
    {
        var me = new AboutMe(around);
        var name = new Argument<string>("NAME") { Description = "the group; there is no need to make it first" };
        var role = new Option<string?>("--role") { Description = "what you are in it", HelpName = "ROLE" };
        var verb = new Verb("join", "Puts you into a group, or gives you another role in it: what is sent to @NAME reaches you.")
        {
            Arguments = { name },
            Options = { role },
            Examples = ["group join backend", "group join backend --role lead"],
            Prints = AboutMe.Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                var join = new GroupRole(Groups.NameOf(parsed.GetRequiredValue(name)), parsed.GetValue(role));
                return me.ChangeAsync(parsed, new ChangeSelf(new WhoAmI(), Join: join), self => Print(me, self, join), cancellationToken);
            },
        };
        return verb.With(me.Options);
    }

    private static void Print(AboutMe me, Self self, GroupRole joined) =>
        me.WriteLine($"{me.Name(self)} is in {PlainText.Line(Groups.Words(joined.Name, joined.Role))} of {PlainText.Line(self.Workspace)}.");
}
