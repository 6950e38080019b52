using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh profile</c></summary>
internal static class ProfileVerb
{
    public static Verb Declare(Surroundings around)
    {
        var me = new AboutMe(around);
        Option<string?> name = Text("--name", "the name by which the others know you", "NAME");
        Option<string?> title = Text("--title", "what you do; empty removes it", "TEXT");
        Option<string?> bio = Text("--bio", "more about you; empty removes it", "TEXT");
        Option<string?> avatar = Text("--avatar", "an emoji or a link to a picture; empty removes it", "AVATAR");
        var capabilities = new Option<string[]>("--capability")
        {
            Description = "something you can be asked for; give it several times for several, they replace the ones before; empty removes them",
            HelpName = "WORD",
        };
        var verb = new Verb("profile", "Shows what you say of yourself, or changes the parts that you name.")
        {
            Options = { name, title, bio, avatar, capabilities },
            Examples = ["profile", "profile --name \"Alice B.\" --title Engineer", "profile --capability review --capability deploy", "profile --bio \"\""],
            Prints = AboutMe.Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                string[]? words = parsed.GetResult(capabilities) is null ? null : parsed.GetValue(capabilities);
                var profile = new Profile(
                    parsed.GetValue(title), parsed.GetValue(bio), parsed.GetValue(avatar), words is [""] ? [] : words);
                var change = new ChangeSelf(new WhoAmI(), parsed.GetValue(name), Profile: profile == new Profile() ? null : profile);
                return change is { Name: null, Profile: null }
                    ? me.ShowAsync(parsed, self => Print(around.Terminal, self), cancellationToken)
                    : me.ChangeAsync(parsed, change, self => Print(around.Terminal, self), cancellationToken);
            },
        };
        return verb.With(me.Options);
    }

    private static Option<string?> Text(string name, string description, string value) => new(name) { Description = description, HelpName = value };

    private static void Print(Terminal terminal, Self self)
    {
        string session = self.Session is { } id ? $"  {terminal.Dim($"session {PlainText.Line(id)}")}" : "";
        terminal.WriteLine($"{terminal.Bold(PlainText.Line(self.Name))} in {PlainText.Line(self.Workspace)}{session}");
        (string Name, string? Value)[] rows =
        [
            ("title", self.Profile.Title),
            ("bio", self.Profile.Bio),
            ("avatar", self.Profile.Avatar),
            ("capabilities", self.Profile.Capabilities is { } words ? string.Join(", ", words) : null),
            ("summary", self.Summary),
            ("groups", self.Groups.Count > 0 ? string.Join(", ", self.Groups.Select(group => Groups.Words(group.Name, group.Role))) : null),
            ("status", self.Status),
            ("visible", self.Visible ? "yes" : "no"),
        ];
        terminal.Write(Table.Of([.. rows.Where(row => row.Value is not null).Select(row => new[] { "  " + row.Name, PlainText.Line(row.Value!) })]));
    }
}
