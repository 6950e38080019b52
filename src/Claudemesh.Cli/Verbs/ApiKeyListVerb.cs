using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh apikey list</c></summary>
internal static class ApiKeyListVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.ApiKeyListing, "keys");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "list",
        "Lists your API keys and when each was last used, for owners and admins those of everybody.",
        ["apikey list", "apikey list --json=id,label,last_used_at"],
        Shape,
        (daemon, workspace, token) => daemon.ListApiKeysAsync(workspace, token),
        list => Print(around, list));

    private static void Print(Surroundings around, ApiKeyListing list)
    {
        if (list.Keys.Count == 0)
            around.Terminal.WriteLine("There is no API key: claudemesh apikey create makes one.");
        if (list.More)
            around.Terminal.Warn("There are older keys, which are not listed.");

        around.Terminal.Write(Table.Of([.. list.Keys.Select(key => Row(around, key))]));
    }

    private static string[] Row(Surroundings around, ApiKey key) =>
    [
        PlainText.Line(key.Id),
        PlainText.Line(key.Label),
        PlainText.Line(key.Prefix) + "…",
        string.Join(',', key.Can.Select(PlainText.Line)),
        key.Topics is null ? "" : key.Topics.Count == 0 ? "no topic" : string.Join(' ', key.Topics.Select(topic => "#" + PlainText.Line(topic))),
        key.Member.Length == 0 ? "of a former member" : "of " + PlainText.Line(key.Member),
        key.LastUsedAt is { } used ? "used " + around.Minute(used) : "never used",
        key.RevokedAt is { } gone ? "revoked " + around.Minute(gone) : key.ExpiresAt is { } end ? (key.IsOver ? "over since " : "until ") + around.Minute(end) : "",
    ];
}
