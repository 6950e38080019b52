using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh session list</c></summary>
internal static class SessionListVerb
{
    private const int IdShown = 12;

    private static readonly JsonShape Shape = new(LocalJson.Default.SessionList, "sessions");

    public static Verb Declare(Surroundings around) => new("list", "Lists your open sessions, and what each may do.")
    {
        Examples = ["session list", "session list --json=session_id,name,allows"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            LocalReply<SessionList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListSessionsAsync(token), cancellationToken);
            return around.Terminal.Show(reply, Shape, list => Print(around, list));
        },
    };

    /// <summary>What a session was left, in words.</summary>
    public static string Left(Session session) => session.Allows switch
    {
        null => "all that you may",
        { Count: 0 } => "limited to nothing",
        { } allows => "limited to " + string.Join(", ", allows.Select(PlainText.Line)),
    };

    private static void Print(Surroundings around, SessionList list)
    {
        if (list.Sessions.Count == 0)
            around.Terminal.WriteLine("No session is open.");

        around.Terminal.Write(Table.Of(
        [
            .. list.Sessions.Select(one => new[]
            {
                PlainText.Line(one.Name), one.SessionId[..Math.Min(IdShown, one.SessionId.Length)], Left(one), PlainText.Line(one.Cwd),
            }),
        ]));
    }
}
