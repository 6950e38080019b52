using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh visible [on|off]</c></summary>
internal static class VisibleVerb
{
    private const string On = "on";
    private const string Off = "off";

    public static Verb Declare(Surroundings around)
    {
        var me = new AboutMe(around);
        Argument<string> choice = SharedOptions.OneOfArgument("on|off", "how it is now if left out", On, Off);
        choice.Arity = ArgumentArity.ZeroOrOne;
        var verb = new Verb("visible", "Shows you in the list of who is online, or hides you there; messages arrive either way.")
        {
            Arguments = { choice },
            Examples = ["visible off", "visible on", "visible"],
            Prints = AboutMe.Shape,
            RunAsync = (parsed, cancellationToken) => parsed.GetValue(choice) is { } chosen
                ? me.ChangeAsync(
                    parsed, new ChangeSelf(new WhoAmI(), Visible: string.Equals(chosen, On, StringComparison.Ordinal)), self => Print(me, self), cancellationToken)
                : me.ShowAsync(parsed, self => Print(me, self), cancellationToken),
        };
        return verb.With(me.Options);
    }

    private static void Print(AboutMe me, Self self) => me.WriteLine(self.Visible
        ? $"{me.Name(self)} is visible in {PlainText.Line(self.Workspace)}."
        : $"{me.Name(self)} is hidden in {PlainText.Line(self.Workspace)}: only you see yourself in the list; messages arrive.");
}
