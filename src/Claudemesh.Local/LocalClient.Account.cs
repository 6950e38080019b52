using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Claudemesh.Local;

/// <content>The account, its devices and its recovery.</content>
public sealed partial class LocalClient
{
    /// <summary>Follows a login to its end. Cancelling the token cancels the login.</summary>
    public async IAsyncEnumerable<LoginStep> LogInAsync(StartLogin request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, AccountJson.Default.StartLogin);
        (SocketExchange? exchange, LocalProblem? problem) =
            await TryStartAsync("POST", LocalRoutes.Login, "Accept: text/event-stream\r\n", body, cancellationToken);
        if (exchange is null)
        {
            yield return new LoginStep(LoginSteps.Problem, Problem: problem);
            yield break;
        }

        await using (exchange)
        {
            if (!exchange.Succeeded)
            {
                yield return new LoginStep(LoginSteps.Problem, Problem: await ReadProblemAsync(exchange, cancellationToken));
                yield break;
            }

            SseParser<LoginStep?> parser = SseParser.Create(exchange.Body, ParseStep);
            await using IAsyncEnumerator<SseItem<LoginStep?>> items = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveNextAsync(items))
            {
                if (items.Current.Data is not { } step)
                    continue;

                yield return step;
                if (step.Kind is LoginSteps.Done or LoginSteps.Problem)
                    yield break;
            }

            yield return new LoginStep(LoginSteps.Problem, Problem: Unreachable("it ended in the middle of the login"));
        }
    }

    public Task<LocalReply<LoggedIn>> LogInAsync(PasswordLogin request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.LoginByPassword, request, AccountJson.Default.PasswordLogin, AccountJson.Default.LoggedIn, cancellationToken);

    public Task<LocalReply<LoggedIn>> LogInAsync(TokenLogin request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.LoginByToken, request, AccountJson.Default.TokenLogin, AccountJson.Default.LoggedIn, cancellationToken);

    public Task<LocalReply<LoggedIn>> SignUpAsync(SignUp request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.SignUp, request, AccountJson.Default.SignUp, AccountJson.Default.LoggedIn, cancellationToken);

    /// <param name="asks">Whether brokers are asked; false: what is known here, at once.</param>
    public Task<LocalReply<AccountList>> ListAccountsAsync(bool asks, CancellationToken cancellationToken) =>
        GetAsync($"{LocalRoutes.Account}?ask={Text(asks)}", AccountJson.Default.AccountList, cancellationToken);

    public Task<LocalReply<LoggedOut>> LogOutAsync(Logout request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Logout, request, AccountJson.Default.Logout, AccountJson.Default.LoggedOut, cancellationToken);

    public Task<LocalReply<DeviceList>> ListDevicesAsync(string? broker, CancellationToken cancellationToken) =>
        GetAsync(new Query(LocalRoutes.Devices).With("broker", broker).ToString(), AccountJson.Default.DeviceList, cancellationToken);

    public Task<LocalReply<DeviceRequest>> FindDeviceRequestAsync(string? broker, string link, CancellationToken cancellationToken) => PostAsync(
        LocalRoutes.DeviceRequest, new DenyDevice(broker, link), AccountJson.Default.DenyDevice, AccountJson.Default.DeviceRequest, cancellationToken);

    public Task<LocalReply<DeviceDecision>> ApproveDeviceAsync(ApproveDevice request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.DeviceApprove, request, AccountJson.Default.ApproveDevice, AccountJson.Default.DeviceDecision, cancellationToken);

    public Task<LocalReply<DeviceDecision>> DenyDeviceAsync(DenyDevice request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.DeviceDeny, request, AccountJson.Default.DenyDevice, AccountJson.Default.DeviceDecision, cancellationToken);

    public Task<LocalReply<RemovedDevice>> RemoveDeviceAsync(RemoveDevice request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.DeviceRemove, request, AccountJson.Default.RemoveDevice, AccountJson.Default.RemovedDevice, cancellationToken);

    public Task<LocalReply<RenewalOffer>> FindRenewalAsync(string? broker, CancellationToken cancellationToken) =>
        GetAsync(new Query(LocalRoutes.Renewal).With("broker", broker).ToString(), AccountJson.Default.RenewalOffer, cancellationToken);

    public Task<LocalReply<AcceptedRenewal>> AcceptRenewalAsync(AcceptRenewal request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Renewal, request, AccountJson.Default.AcceptRenewal, AccountJson.Default.AcceptedRenewal, cancellationToken);

    public Task<LocalReply<MadeRecovery>> MakeRecoveryAsync(MakeRecovery request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.RecoveryMake, request, AccountJson.Default.MakeRecovery, AccountJson.Default.MadeRecovery, cancellationToken);

    public Task<LocalReply<KeptRecovery>> KeepRecoveryAsync(KeepRecovery request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.RecoveryKeep, request, AccountJson.Default.KeepRecovery, AccountJson.Default.KeptRecovery, cancellationToken);

    private static LoginStep? ParseStep(string kind, ReadOnlySpan<byte> data) => kind switch
    {
        LoginSteps.Prompt => new(kind, Prompt: JsonSerializer.Deserialize(data, AccountJson.Default.LoginPrompt)),
        LoginSteps.Note => new(kind, Note: JsonSerializer.Deserialize(data, AccountJson.Default.LoginNote)),
        LoginSteps.Done => new(kind, Done: JsonSerializer.Deserialize(data, AccountJson.Default.LoggedIn)),
        LoginSteps.Problem => new(kind, Problem: JsonSerializer.Deserialize(data, AccountJson.Default.LocalProblem)),
        _ => null,
    };
}
