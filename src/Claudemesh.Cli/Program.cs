using System.Runtime.Versioning;
using Claudemesh.Cli;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

[assembly: UnsupportedOSPlatform("windows")]

DaemonHome home = DaemonHome.Find();
Terminal terminal = Terminal.OfThisProcess();
string? session = CallingSession.Find(Environment.GetEnvironmentVariable);
var daemon = new DaemonDoor(home, DaemonProgram.BesideThisProcess(home), TimeProvider.System, VersionVerb.Current, session);
var around = new Surroundings(terminal, daemon, home, TimeProvider.System, session);
return (int)await new Interpreter(around).RunAsync(args, CancellationToken.None);
