using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh inbox delete ID</c></summary>
internal static class InboxDeleteVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> id = SharedOptions.MessageId();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("delete", "Deletes one message from your inbox, for good.")
        {
            Arguments = { id },
            Options = { workspace },
            Examples = ["inbox delete 0000A3f9"],
            Prints = InboxFlushVerb.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string one, string? within) = (parsed.GetRequiredValue(id), parsed.GetValue(workspace));
                LocalReply<InboxRemoved> reply = await around.Daemon.AskAsync((daemon, token) => daemon.DeleteFromInboxAsync(one, within, token), cancellationToken);
                return around.Terminal.Show(reply, InboxFlushVerb.Shape, removed => InboxFlushVerb.Print(around.Terminal, removed));
            },
        };
    }
}
