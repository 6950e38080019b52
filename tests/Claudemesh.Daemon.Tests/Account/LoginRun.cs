using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>A login of a daemon, step by step.</summary>
internal static class LoginRun
{
    /// <param name="approve">Called with what the person is shown.</param>
    public static async Task<LoginStep> RunAsync(RunningDaemon daemon, StartLogin request, Func<LoginPrompt, Task> approve)
    {
        await foreach (LoginStep step in daemon.Client.LogInAsync(request, TestContext.Current.CancellationToken))
        {
            if (step.Prompt is { } prompt)
                await approve(prompt);
            else if (step.Kind is LoginSteps.Done or LoginSteps.Problem)
                return step;
        }

        throw new InvalidOperationException("The login had no end.");
    }

    /// <summary>A login that must succeed.</summary>
    public static async Task<LoggedIn> OkAsync(RunningDaemon daemon, ScriptedAccounts broker, StartLogin? request = null)
    {
        LoginStep end = await RunAsync(daemon, request ?? new StartLogin(broker.Address, "box"), broker.ApproveAsync);
        Assert.True(end.Done is not null, $"{end.Problem?.Detail} {(File.Exists(daemon.Home.LogFile) ? await File.ReadAllTextAsync(daemon.Home.LogFile) : "")}");
        return end.Done;
    }

    public static string FileOf(RunningDaemon daemon) => Path.Combine(daemon.Home.Folder, "account.json");
}
