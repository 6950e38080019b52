using System.Runtime.InteropServices;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Account;

/// <summary>A login as its person sees it: where to go, what to type there, and how it ends. Ctrl-C ends it in the daemon too.</summary>
internal sealed class LoginTalk(Surroundings around, bool opensBrowser)
{
    public async Task<LocalReply<LoggedIn>> RunAsync(StartLogin request, CancellationToken cancellationToken)
    {
        (_, LocalProblem? problem) = await around.Daemon.StartAsync(cancellationToken);
        if (problem is not null)
            return problem;

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
        await foreach (LoginStep step in around.Daemon.Client.LogInAsync(request, ending.Token))
        {
            switch (step)
            {
                case { Prompt: { } prompt }:
                    Show(prompt);
                    break;
                case { Note: { } note }:
                    around.Terminal.WriteLine(PlainText.Line(note.Text));
                    around.Terminal.Flush();
                    break;
                case { Done: { } done }:
                    return done;
                case { Problem: { } ended }:
                    return ended;
            }
        }

        throw new OperationCanceledException(ending.Token);
    }

    private void Show(LoginPrompt prompt)
    {
        Terminal terminal = around.Terminal;
        string link = PlainText.Line(prompt.Link);
        if (terminal.Json is not null)
        {
            terminal.Warn($"open {link} or type {prompt.UserCode} and {prompt.Pairing} at {PlainText.Line(prompt.Page)}");
            return;
        }

        bool isOpen = opensBrowser && terminal.IsInteractive && Browser.TryOpen(around, prompt.Link);
        terminal.WriteLine(isOpen
            ? "Your browser opens this page; approve this machine there:"
            : "Open this page where you are signed in, and approve this machine there:");
        terminal.WriteLine();
        terminal.WriteLine("  " + link);
        terminal.WriteLine();
        if (terminal.IsInteractive && QrPicture.Draw(prompt.Link, terminal.Columns) is { } picture)
            terminal.Write(picture);
        terminal.WriteLine($"Or go to {PlainText.Line(prompt.Page)} and type there");
        terminal.WriteLine($"  the code            {terminal.Bold(prompt.UserCode)}");
        terminal.WriteLine($"  the pairing secret  {terminal.Bold(prompt.Pairing)}");
        terminal.WriteLine(terminal.Dim("Type them on that page only, and never give them to anybody who asks for them: this machine becomes you."));
        terminal.WriteLine(terminal.Dim($"Waiting until {around.Minute(prompt.ExpiresAt)}; Ctrl-C cancels."));
        terminal.Flush();
    }
}
