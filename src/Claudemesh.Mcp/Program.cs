using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Claudemesh.Local;
using Claudemesh.Mcp;
using ModelContextProtocol.Server;

[assembly: UnsupportedOSPlatform("windows")]

string version = typeof(PushPipe).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
string[]? limit = args is ["--limit", { } words] ? words.Split(',') : null;
if (args.Length > 0 && limit is null)
{
    bool asksForVersion = args is ["--version"];
    Console.Error.WriteLine(asksForVersion ? $"claudemesh-mcp {version}" : "claudemesh-mcp takes nothing but --limit and words for what its session may do: it is started by an MCP client and speaks with it over standard input and output.");
    return (int)(asksForVersion ? ExitCode.Ok : ExitCode.BadArguments);
}

// The host allows a tenth of a second between its signals: nothing is waited for on the way out. The daemon sees that the process has ended.
using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

DaemonHome home = DaemonHome.Find();
HostSession session = HostSession.Find(Environment.GetEnvironmentVariable, Environment.CurrentDirectory, TimeProvider.System) with { Limit = limit };
var door = new DaemonDoor(home, DaemonProgram.BesideThisProcess(home), TimeProvider.System, version: null, session.Id);
await new PushPipe(session, door, version, Console.Error, TimeProvider.System).RunAsync(options => new StdioServerTransport(options), stop.Token);
return (int)ExitCode.Ok;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
