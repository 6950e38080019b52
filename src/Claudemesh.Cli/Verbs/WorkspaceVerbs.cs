using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>The verbs below <c>claudemesh workspace</c>: those of the first level by their other name, and what an owner does to a whole workspace.</summary>
internal static class WorkspaceVerbs
{
    public static Verb Declare(Surroundings around) => new("workspace", "Workspaces: make, list, rename, archive, hand over, leave or delete them.")
    {
        Subcommands =
        {
            NewVerb.Declare(around, "create", "workspace create"),
            ListVerb.Declare(around, "workspace list"),
            RenameVerb.Declare(around, "workspace rename"),
            WorkspaceArchiveVerb.Declare(around, archived: true),
            WorkspaceArchiveVerb.Declare(around, archived: false),
            WorkspaceTransferVerb.Declare(around),
            LeaveVerb.Declare(around, "workspace leave"),
            WorkspaceDeleteVerb.Declare(around),
        },
    };
}
