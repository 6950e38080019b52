using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>What <c>grant</c>, <c>revoke</c>, <c>block</c> and <c>unblock</c> have in common: each is one change of one member's grant.</summary>
internal static class GrantChange
{
    private static readonly JsonShape Shape = new(LocalJson.Default.PeerGrant);

    /// <summary>Those that take capabilities.</summary>
    public static Verb DeclareWithCapabilities(Surroundings around, string name, string description, string example, Func<string, string[], ChangeGrant> change)
    {
        var peer = Peer();
        var capabilities = new Argument<string[]>("CAPABILITY")
        {
            Description = $"any of {string.Join(", ", Capabilities.Names)}, or {Capabilities.All}",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb(name, description)
        {
            Arguments = { peer, capabilities },
            Options = { workspace },
            Examples = [example, $"{name} bob {Capabilities.All} -w acme"],
            Prints = Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                string[] named = parsed.GetRequiredValue(capabilities);
                if (Array.Find(named, one => one is not Capabilities.All && !Capabilities.Names.Contains(one, StringComparer.Ordinal)) is { } unknown)
                {
                    string? meant = NearestMatch.Find(unknown, Capabilities.Names.Append(Capabilities.All));
                    string hint = meant is null ? $" There are {string.Join(", ", Capabilities.Names)}, and {Capabilities.All}." : $" Did you mean '{meant}'?";
                    return Task.FromResult(around.Terminal.FailUsage($"There is no capability '{unknown}'.{hint}", (Verb)parsed.CommandResult.Command));
                }

                return AskAsync(around, change(parsed.GetRequiredValue(peer), named) with { Workspace = parsed.GetValue(workspace) }, cancellationToken);
            },
        };
    }

    /// <summary>Those that are about all of them at once.</summary>
    public static Verb Declare(Surroundings around, string name, string description, Func<string, ChangeGrant> change)
    {
        var peer = Peer();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb(name, description)
        {
            Arguments = { peer },
            Options = { workspace },
            Examples = [$"{name} bob", $"{name} c5cb163d -w acme"],
            Prints = Shape,
            RunAsync = (parsed, cancellationToken) =>
                AskAsync(around, change(parsed.GetRequiredValue(peer)) with { Workspace = parsed.GetValue(workspace) }, cancellationToken),
        };
    }

    private static Argument<string> Peer() => new("PEER") { Description = "a name, a key, or a beginning of a key" };

    private static async Task<ExitCode> AskAsync(Surroundings around, ChangeGrant request, CancellationToken cancellationToken)
    {
        LocalReply<PeerGrant> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.ChangeGrantAsync(request, token), cancellationToken);
        return around.Terminal.Show(reply, Shape, grant => around.Terminal.WriteLine(Tell(grant)));
    }

    public static string Tell(PeerGrant grant)
    {
        string name = $"{PlainText.Line(grant.Name)} in {PlainText.Line(grant.Workspace)}";
        return grant.Capabilities.Count == 0 ? $"{name}: blocked" : $"{name}: {string.Join(' ', grant.Capabilities)}{(grant.IsDefault ? " (the default)" : "")}";
    }
}
