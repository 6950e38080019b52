using System.Text;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Authorization;

/// <summary><c>docs/permissions.md</c>, as the table and the two lists of doors have it.</summary>
internal static class PermissionsPage
{
    private const string Beginning =
        """
        # Who may do what

        *Made from the broker's one table (`src/Claudemesh.Broker/Authorization/Permissions.cs`) and kept by a test; another test asks every route and every
        message with every credential and compares.* The table is asked before any handler runs.

        A **socket** shows a member's key. A **session** is an account that is signed in, on a browser or a device; in a workspace it acts as the account's member.
        A **personal token** does so with the scope that stands in its column, an **API key** with the capability; `admin` has every other, and without `admin` either
        acts as a member like any other, whatever role he has. *Fresh*: the person has given passkey or password in the last five minutes. Which topic, whose key
        and whose message it is about is asked by what answers: a private topic answers like a missing one.


        """;

    public static string Of(RestRoutes routes, MessageRoutes messages)
    {
        StringBuilder page = new(Beginning.ReplaceLineEndings("\n"));
        WriteWorkspace(page);
        WriteAccount(page);
        WriteRoutes(page, routes);
        WriteMessages(page, messages);
        return page.ToString();
    }

    private static IEnumerable<(Operation Operation, Rule Rule)> Rows =>
        Enum.GetValues<Operation>().Where(Permissions.Table.ContainsKey).Select(operation => (operation, Permissions.Table[operation]));

    private static void WriteWorkspace(StringBuilder page)
    {
        page.Append("## In a workspace\n\n| operation | least role | socket | session | personal token | API key |\n|---|---|---|---|---|---|\n");
        foreach ((Operation operation, Rule rule) in Rows.Where(row => row.Rule.LeastRole is not null))
        {
            string role = rule.LeastRole!.Value.ToString().ToLowerInvariant();
            page.Append($"| {operation} | {role} | {Mark(rule.Takes(Credential.Socket))} | {Session(rule)} | {Token(rule)} | {Key(rule)} |\n");
        }
    }

    private static void WriteAccount(StringBuilder page)
    {
        page.Append("\n## About the account itself\n\n| operation | session | personal token |\n|---|---|---|\n");
        foreach ((Operation operation, Rule rule) in Rows.Where(row => row.Rule.LeastRole is null))
            page.Append($"| {operation} | {Session(rule)} | {Token(rule)} |\n");
        page.Append("\nSockets and API keys are of one workspace and take no part in it. A personal token that is for one workspace does not either.\n");
    }

    private static void WriteRoutes(StringBuilder page, RestRoutes routes)
    {
        page.Append("\n## Routes\n\n| route | operation |\n|---|---|\n");
        foreach (RestRoute route in Sorted(routes).Where(route => route.Operation is not null))
            page.Append($"| `{route.Method} {Path(route)}` | {route.Operation} |\n");

        page.Append("\nWithout a credential, because what is sent proves who may, or because it is for everybody:\n\n");
        foreach (RestRoute route in Sorted(routes).Where(route => route.Operation is null))
            page.Append($"- `{route.Method} {Path(route)}`\n");
    }

    private static IEnumerable<RestRoute> Sorted(RestRoutes routes) =>
        routes.All.OrderBy(route => route.FullPath, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal);

    private static void WriteMessages(StringBuilder page, MessageRoutes messages)
    {
        page.Append("\n## Messages of a socket\n\n| message | operation |\n|---|---|\n");
        foreach ((string type, Operation? operation) in messages.Operations.OrderBy(row => row.Key, StringComparer.Ordinal))
            page.Append($"| `{type}` | {operation?.ToString() ?? "proves who comes"} |\n");
    }

    private static string Path(RestRoute route) => route.FullPath.Replace("{**", "{", StringComparison.Ordinal);

    private static string Mark(bool takes) => takes ? "yes" : "–";

    private static string Session(Rule rule) => rule.Fresh ? "fresh" : Mark(rule.Takes(Credential.Session));

    private static string Token(Rule rule) => rule.Takes(Credential.PersonalToken) ? $"`{TokenWords.Name(rule.Needs!.Value)}`" : Mark(false);

    private static string Key(Rule rule) => rule.Takes(Credential.ApiKey) ? $"`{KeyWords.Name(rule.Needs!.Value)}`" : Mark(false);
}
