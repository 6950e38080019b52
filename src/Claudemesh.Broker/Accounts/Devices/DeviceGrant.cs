using System.Globalization;
using System.Net;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.OAuth;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// A machine fetches its tokens (RFC 8628 3.4): once, with a proof of the key that was approved, and with the code from 127.0.0.1 where it said that it
/// is on the same computer. With them comes the approval, which the machine judges itself.
/// </summary>
internal sealed partial class DeviceGrant(
    DeviceRequestStore requests, DevicePolls polls, SessionTokens tokens, AccountMail mail, Database database, TimeProvider clock, ILogger<DeviceGrant> logger)
    : IDeviceGrant
{
    public async ValueTask<(OAuthTokens? Tokens, MeshError? Refusal)> ExchangeAsync(RestCall call, IReadOnlyDictionary<string, string> form)
    {
        (Fetched? fetched, MeshError? refusal) = await FetchAsync(form, ClientAddress.Of(call.Http), call.Aborted);
        if (fetched is null)
            return (null, refusal);

        LogFetched(fetched.Opened.Account.Id, fetched.Opened.Session.Device!.Value);
        mail.TellOfDevice(fetched.Opened.Account, fetched.Opened.Session.Name, fetched.Opened.Session.Address, fetched.Opened.Session.CreatedAt);
        return (tokens.Tell(fetched.Opened, fetched.Approval), null);
    }

    private async ValueTask<(Fetched? Fetched, MeshError? Refusal)> FetchAsync(
        IReadOnlyDictionary<string, string> form, IPAddress from, CancellationToken cancellationToken)
    {
        if (Read(form, out Presented presented) is { } fault)
            return (null, fault);
        if (await requests.FindAsync(presented.Code, cancellationToken) is not { } request)
            return (null, MeshError.OAuthInvalidGrant);

        if (WhyNotItsOwn(presented, request) is { } foreign)
            return (null, foreign);
        if (WhyNotNow(presented, request) is { } early)
            return (null, early);

        // Asked again where nothing comes between: two may hold one code, and the tokens are given out once.
        return await database.WriteAsync<(Fetched?, MeshError?)>(
            scope =>
            {
                DeviceRequest? present = DeviceRequestStore.Find(scope.Sql, presented.Code);
                return present is { State: RequestState.Approved } && present.ExpiresAt > scope.Now
                    ? Open(scope, present, from)
                    : (null, MeshError.OAuthInvalidGrant);
            },
            cancellationToken);
    }

    /// <summary>The key comes first: who has the code alone learns nothing of the request.</summary>
    private MeshError? WhyNotItsOwn(Presented presented, DeviceRequest request)
    {
        if (!string.Equals(presented.ClientId, request.ClientId, StringComparison.Ordinal) || presented.Key != request.Key
            || !Ed25519.Verify(request.Key, new DeviceTokenText(presented.Code.Reveal(), presented.At), presented.Proof))
            return MeshError.OAuthInvalidGrant;

        return SignedTimes.IsNear(presented.At, clock.GetUtcNow()) ? null : MeshError.OAuthInvalidRequest.With(MeshError.ClockSkew.Message);
    }

    private MeshError? WhyNotNow(Presented presented, DeviceRequest request)
    {
        if (request.State is RequestState.Fetched)
            return MeshError.OAuthInvalidGrant;
        if (request.State is RequestState.Denied)
            return MeshError.OAuthAccessDenied;
        if (request.ExpiresAt <= clock.GetInstant())
            return MeshError.OAuthExpired;

        // Approved, and the page is still on its way to the machine: to it that is like waiting.
        bool waits = request.State is RequestState.Waits || (request.LoopbackHash is not null && presented.Loopback is null);
        if (waits)
            return polls.TryPoll(request.No, request.ExpiresAt) ? MeshError.OAuthPending : MeshError.OAuthSlowDown;

        return request.LoopbackHash is { } hash && !presented.Loopback!.Value.IsOf(hash) ? MeshError.OAuthInvalidGrant : null;
    }

    private (Fetched? Fetched, MeshError? Refusal) Open(WriteScope scope, DeviceRequest request, IPAddress from)
    {
        if (AccountStore.Find(scope.Sql, request.Account!.Value) is not { } account
            || DeviceStore.Find(scope.Sql, account.No, request.Key, scope.Now) is not { } device
            || device.No != request.Device)
            return (null, MeshError.OAuthInvalidGrant);

        // Not fresh: that its person said yes elsewhere does not make this machine his hand.
        NewLogin login = new(account.No, LoginKind.Device, request.Key, request.Name, from.ToString(), IsFresh: false);
        LoginSession session = LoginSessionStore.Open(scope, login);
        DeviceStore.Keep(scope, device.No);
        DeviceRequestStore.Fetch(scope, request);
        polls.Forget(request.No);
        ApprovalParts approval = new(device.Record.Text, request.Box!, device.Record.AccountSig, device.Record.DeviceSig);
        return (new Fetched(new RefreshedSession(account, session, RefreshTokens.Begin(scope, session.No)), approval), null);
    }

    private static MeshError? Read(IReadOnlyDictionary<string, string> form, out Presented presented)
    {
        presented = default;
        byte[] proof = new byte[Ed25519.SignatureSize];
        if (!OneTimeCode.TryParse(form.GetValueOrDefault("device_code"), out OneTimeCode code))
            return MeshError.OAuthInvalidGrant;
        if (!PublicKey.TryParse(form.GetValueOrDefault("device_pub"), out PublicKey key))
            return Invalid("device_pub must be the machine's key in 64 lower-case hexadecimal digits");
        if (!Convert.TryFromBase64String(form.GetValueOrDefault("proof") ?? "", proof, out int size) || size != proof.Length)
            return Invalid("proof must be base64 of 64 bytes");
        if (!long.TryParse(form.GetValueOrDefault("at"), NumberStyles.None, CultureInfo.InvariantCulture, out long at) || at > SignedBytes.NumberMax)
            return Invalid("at must be a time in milliseconds since 1970");

        OneTimeCode? loopback = null;
        if (form.GetValueOrDefault("loopback_code") is { } text)
        {
            if (!OneTimeCode.TryParse(text, out OneTimeCode given))
                return MeshError.OAuthInvalidGrant;
            loopback = given;
        }

        presented = new Presented(code, form.GetValueOrDefault("client_id"), key, proof, at, loopback);
        return null;
    }

    private static MeshError Invalid(string why) => MeshError.OAuthInvalidRequest.With($"The request is invalid: {why}.");

    [LoggerMessage(Level = LogLevel.Information, Message = "Device {Device} of account {Account} fetched its tokens")]
    private partial void LogFetched(UserId account, PublicKey device);

    private readonly record struct Presented(OneTimeCode Code, string? ClientId, PublicKey Key, byte[] Proof, long At, OneTimeCode? Loopback);

    private sealed record Fetched(RefreshedSession Opened, ApprovalParts Approval);
}
