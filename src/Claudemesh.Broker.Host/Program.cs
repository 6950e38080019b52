using System.CommandLine;
using System.Net.Sockets;
using Claudemesh.Broker;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

Option<string[]> listen = new("--listen")
{
    Description = "Where to listen; may be given more than once. Port 0 lets the system choose.",
    HelpName = "URL",
    DefaultValueFactory = _ => ["http://127.0.0.1:7900"],
};
Option<string> data = new("--data")
{
    Description = "The folder of the database. Made if it is not there.",
    HelpName = "FOLDER",
    DefaultValueFactory = _ => DataFolder.Default(),
};
Option<string?> database = new("--database")
{
    Description = "A PostgreSQL database instead of the file: postgres://user:password@host:port/name. "
        + "Better in the variable CLAUDEMESH_DATABASE, where other users of the machine do not see the password.",
    HelpName = "URL",
    DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CLAUDEMESH_DATABASE"),
};
Option<string[]> origins = new("--origin")
{
    Description = "An origin besides the broker's own whose pages may connect; may be given more than once.",
    HelpName = "URL",
    DefaultValueFactory = _ => [],
};
Option<string?> publicUrl = new("--public-url")
{
    Description = "The address that people and links use, such as https://mesh.example.org: passkeys and cookies belong to it. "
        + "Left out: the first address of --listen, by the name localhost where it has none.",
    HelpName = "URL",
    DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CLAUDEMESH_PUBLIC_URL"),
};
Option<string> signUp = new("--sign-up")
{
    Description = "Who may make an account: whoever has an invite, anybody (open), or nobody (closed). The first is made by the link that the broker prints.",
    HelpName = "invite|open|closed",
    DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CLAUDEMESH_SIGN_UP") is { Length: > 0 } said ? said : "invite",
};
Option<bool> noLegacy = new("--no-legacy") { Description = "Refuse 1.x clients." };
Option<string> create = new("--create")
{
    Description = "Who may make workspaces: whoever reaches the broker (anyone), whoever is signed in to an account, or nobody.",
    HelpName = "anyone|accounts|nobody",
    DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CLAUDEMESH_CREATE") is { Length: > 0 } said ? said : "anyone",
};
create.AcceptOnlyFromAmong("anyone", "accounts", "nobody");
Option<bool> closed = new("--no-create") { Description = "The same as --create nobody." };
Option<string[]> limits = new("--limit")
{
    Description = "What a member, a mailbox or a workspace may use; may be given more than once. With their defaults: " + string.Join("; ", BrokerLimits.Help) + ".",
    HelpName = "NAME=NUMBER",
    DefaultValueFactory = _ => [],
};
Option<bool> rotateKeys = new("--rotate-token-keys")
{
    Description = "Sign access tokens with a new key from this start on, as when token-keys.pem may have been seen. Every 90 days it is done without being asked.",
};
Option<bool> verbose = new("--verbose") { Description = "Log more." };

RootCommand command = new("The claudemesh broker: sealed messages in, sealed messages out, from one file.")
{
    listen, data, database, publicUrl, signUp, origins, limits, noLegacy, create, closed, rotateKeys, verbose,
};
command.SetAction((parsed, cancellationToken) => RunAsync(
    new BrokerSettings
    {
        DataFolder = parsed.GetValue(data)!,
        Listen = parsed.GetValue(listen)!,
        AllowedOrigins = parsed.GetValue(origins)!,
        AcceptLegacyHello = !parsed.GetValue(noLegacy),
        RotateTokenKeys = parsed.GetValue(rotateKeys),
        Creation = parsed.GetValue(closed) ? WorkspaceCreation.Nobody : Enum.Parse<WorkspaceCreation>(parsed.GetValue(create)!, ignoreCase: true),
    },
    parsed.GetValue(publicUrl),
    parsed.GetValue(signUp)!,
    parsed.GetValue(limits)!,
    parsed.GetValue(database),
    parsed.GetValue(verbose),
    cancellationToken));
return await command.Parse(args).InvokeAsync();

static async Task<int> RunAsync(
    BrokerSettings settings, string? publicUrl, string signUp, string[] limits, string? database, bool verbose, CancellationToken cancellationToken)
{
    try
    {
        settings = AccountSettings.Read(settings, publicUrl, signUp) with { Limits = BrokerLimits.Parse(limits) };
        if (!string.IsNullOrEmpty(database))
            settings = settings with { Database = PostgresAddress.Parse(database) };

        await using WebApplication app = await BrokerApp.BuildAsync(settings, builder => builder.Logging
            .ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning));
        await app.StartAsync(cancellationToken);
        string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        await Console.Out.WriteLineAsync($"claudemesh-broker listens on {string.Join(", ", addresses)}; data in {settings.Database?.ToString() ?? settings.DataFolder}");
        if (await BrokerApp.MakeSetupLinkAsync(app, cancellationToken) is { } link)
            await Console.Out.WriteLineAsync($"Set up: {link}");
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
    catch (DatabaseOpenException error)
    {
        await Console.Error.WriteLineAsync($"claudemesh-broker cannot start: {error.Message}");
        return error.Fault switch
        {
            DatabaseFault.Login => 2,
            DatabaseFault.Address => 3,
            DatabaseFault.Unreachable => 4,
            DatabaseFault.Missing => 5,
            DatabaseFault.InUse => 6,
            DatabaseFault.Permission => 7,
            _ => 10,
        };
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException or SocketException)
    {
        await Console.Error.WriteLineAsync($"claudemesh-broker cannot start: {error.Message.TrimEnd('.')}.");
        return error switch
        {
            InvalidOperationException or FormatException => 3,
            IOException { InnerException: AddressInUseException } => 6,
            UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied } => 7,
            SocketException => 4,
            _ => 10,
        };
    }
}
