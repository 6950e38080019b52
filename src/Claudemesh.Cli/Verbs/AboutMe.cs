using System.CommandLine;
using System.CommandLine.Parsing;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>What the verbs about oneself share: whom they mean, and how they ask.</summary>
internal sealed class AboutMe(Surroundings around)
{
    public static readonly JsonShape Shape = new(LocalJson.Default.SelfList, "selves");

    private const string SessionName = "--session";

    private readonly Option<string?> workspace = SharedOptions.Workspace();

    private readonly Option<string?> session = new(SessionName)
    {
        Description = "mean this session of yours, by its name or id; the one you are in if left out, else yourself",
        HelpName = "NAME",
    };

    private readonly Option<bool> member = Member();

    public IEnumerable<Option> Options => [workspace, session, member];

    public WhoAmI Who(ParseResult parsed) => new(parsed.GetValue(workspace), parsed.GetValue(session), parsed.GetValue(member), around.Session);

    public async Task<ExitCode> ShowAsync(ParseResult parsed, Action<Self> print, CancellationToken cancellationToken)
    {
        WhoAmI who = Who(parsed);
        LocalReply<SelfList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ReadSelfAsync(who, token), cancellationToken);
        return around.Terminal.Show(reply, Shape, list => Print(list, print));
    }

    /// <param name="change">Without saying whom it is about.</param>
    public async Task<ExitCode> ChangeAsync(ParseResult parsed, ChangeSelf change, Action<Self> print, CancellationToken cancellationToken)
    {
        ChangeSelf mine = change with { About = Who(parsed) };
        LocalReply<Self> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ChangeSelfAsync(mine, token), cancellationToken);
        return reply.Succeeded
            ? around.Terminal.Show(new SelfList([reply.Value]), Shape, list => Print(list, print))
            : around.Terminal.Fail(reply.Problem);
    }

    /// <summary>Who is meant, at the beginning of a sentence.</summary>
    public string Name(Self self) => around.Terminal.Bold(PlainText.Line(self.Name));

    public void WriteLine(string text) => around.Terminal.WriteLine(text);

    private static Option<bool> Member()
    {
        var option = new Option<bool>("--member") { Description = "mean yourself, also from within a session" };
        option.Validators.Add(result =>
        {
            if (result is { Implicit: false } && result.GetResult(SessionName) is OptionResult { Implicit: false })
                result.AddError("--session means a session and --member yourself: give one of them.");
        });
        return option;
    }

    private void Print(SelfList list, Action<Self> print)
    {
        if (list.Selves.Count == 0)
            around.Terminal.WriteLine("You are in no workspace yet: claudemesh new NAME makes one, claudemesh join LINK takes you into one.");

        foreach (Self self in list.Selves)
        {
            print(self);
            if (!self.Told)
                around.Terminal.WriteLine(around.Terminal.Dim("It is kept here; the others see it when the broker can be reached again."));
        }
    }
}
