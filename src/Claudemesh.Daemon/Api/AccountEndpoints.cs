using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Daemon.Account;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>The account: how one logs in and out, its devices, its recovery. Only at the daemon's own door: a workspace's door knows one workspace.</summary>
internal sealed class AccountEndpoints(
    DeviceLogin deviceLogin,
    PasswordSignIn passwords,
    TokenSignIn tokens,
    AccountViews views,
    SignOut signOut,
    Devices devices,
    Removal removal,
    Renewal renewal,
    Recovery recovery)
{
    public Task ListAsync(HttpContext context) => LocalHttp.TryFlag(context, "ask", out bool asks)
        ? AnswerAsync(context, async token => await views.ListAsync(asks, token), AccountJson.Default.AccountList)
        : LocalHttp.WriteProblemAsync(context, LocalHttp.Invalid("ask is true or false."));

    /// <summary>The stream of one login. When its reader leaves, the login ends.</summary>
    public async Task LogInAsync(HttpContext context)
    {
        LocalReply<StartLogin> body = await LocalHttp.ReadBodyAsync(context, AccountJson.Default.StartLogin);
        if (Forbid(context) is { } forbidden || !body.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, Forbid(context) ?? body.Problem!);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        LocalReply<LoggedIn> ended = await deviceLogin.RunAsync(body.Value, step => WriteAsync(context, step), context.RequestAborted);
        await WriteAsync(context, ended.Value is { } done
            ? new LoginStep(LoginSteps.Done, Done: done)
            : new LoginStep(LoginSteps.Problem, Problem: ended.Problem));
    }

    public Task LogInByPasswordAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.PasswordLogin, passwords.LogInAsync, AccountJson.Default.LoggedIn);

    public Task LogInByTokenAsync(HttpContext context) => AnswerAsync(context, AccountJson.Default.TokenLogin, tokens.LogInAsync, AccountJson.Default.LoggedIn);

    public Task SignUpAsync(HttpContext context) => AnswerAsync(context, AccountJson.Default.SignUp, passwords.SignUpAsync, AccountJson.Default.LoggedIn);

    public Task LogOutAsync(HttpContext context) => AnswerAsync(context, AccountJson.Default.Logout, signOut.RunAsync, AccountJson.Default.LoggedOut);

    public Task ListDevicesAsync(HttpContext context) =>
        AnswerAsync(context, token => devices.ListAsync(LocalHttp.Query(context, "broker"), token), AccountJson.Default.DeviceList);

    public Task FindRequestAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.DenyDevice, devices.FindRequestAsync, AccountJson.Default.DeviceRequest);

    public Task ApproveAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.ApproveDevice, devices.ApproveAsync, AccountJson.Default.DeviceDecision);

    public Task DenyAsync(HttpContext context) => AnswerAsync(context, AccountJson.Default.DenyDevice, devices.DenyAsync, AccountJson.Default.DeviceDecision);

    public Task RemoveAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.RemoveDevice, removal.RemoveAsync, AccountJson.Default.RemovedDevice);

    public Task FindRenewalAsync(HttpContext context) =>
        AnswerAsync(context, token => renewal.FindAsync(LocalHttp.Query(context, "broker"), token), AccountJson.Default.RenewalOffer);

    public Task AcceptRenewalAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.AcceptRenewal, renewal.AcceptAsync, AccountJson.Default.AcceptedRenewal);

    public Task MakeRecoveryAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.MakeRecovery, (body, _) => Task.FromResult(recovery.Make(body)), AccountJson.Default.MadeRecovery);

    public Task KeepRecoveryAsync(HttpContext context) =>
        AnswerAsync(context, AccountJson.Default.KeepRecovery, recovery.KeepAsync, AccountJson.Default.KeptRecovery);

    private static LocalProblem? Forbid(HttpContext context) => LocalHttp.DoorWorkspace(context) is null
        ? null
        : LocalProblem.Of(LocalErrors.Forbidden, "The account is at the daemon's own socket, not at a workspace's.", 403, ExitCode.Denied);

    private static async Task AnswerAsync<T>(HttpContext context, Func<CancellationToken, Task<LocalReply<T>>> ask, JsonTypeInfo<T> type)
        where T : class => await LocalHttp.WriteAsync(context, Forbid(context) is { } forbidden ? forbidden : await ask(context.RequestAborted), type);

    private static async Task AnswerAsync<TBody, T>(
        HttpContext context, JsonTypeInfo<TBody> bodyType, Func<TBody, CancellationToken, Task<LocalReply<T>>> ask, JsonTypeInfo<T> type)
        where TBody : class
        where T : class
    {
        LocalReply<TBody> body = await LocalHttp.ReadBodyAsync(context, bodyType);
        await AnswerAsync(context, async token => body.Value is { } request ? await ask(request, token) : body.Problem!, type);
    }

    private static async Task WriteAsync(HttpContext context, LoginStep step)
    {
        string data = step.Kind switch
        {
            LoginSteps.Prompt => JsonSerializer.Serialize(step.Prompt!, AccountJson.Default.LoginPrompt),
            LoginSteps.Note => JsonSerializer.Serialize(step.Note!, AccountJson.Default.LoginNote),
            LoginSteps.Done => JsonSerializer.Serialize(step.Done!, AccountJson.Default.LoggedIn),
            _ => JsonSerializer.Serialize(step.Problem!, AccountJson.Default.LocalProblem),
        };
        await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"event: {step.Kind}\ndata: {data}\n\n"), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
