using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary>What members keep in common: the groups of verbs, and the memory verbs that are typed alone, too.</summary>
internal static class ObjectVerbs
{
    public static Verb State(Surroundings around) => new("state", "Values that the members of a workspace have in common, encrypted.")
    {
        Subcommands =
        {
            StateSetVerb.Declare(around),
            StateGetVerb.Declare(around),
            StateListVerb.Declare(around),
            StateWatchVerb.Declare(around),
            StateDeleteVerb.Declare(around),
        },
    };

    public static Verb Memory(Surroundings around) => new("memory", "Texts that the members of a workspace keep in common, encrypted.")
    {
        Subcommands =
        {
            RememberVerb.Declare(around),
            RecallVerb.Declare(around),
            ForgetVerb.Declare(around),
            MemoryListVerb.Declare(around),
        },
    };
}
