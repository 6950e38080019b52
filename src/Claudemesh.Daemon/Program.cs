return await Claudemesh.Daemon.CommandLine.RunAsync(args, Console.Out, Console.Error);
