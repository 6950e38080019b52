using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>Lets machines in. Of two who decide at once the first wins, and the other is told so.</summary>
internal sealed partial class DeviceApprovals(Database database, AccountNews news, AccountMail mail, TimeProvider clock, ILogger<DeviceApprovals> logger)
{
    /// <summary>
    /// Approves a request that waits. What proves that its machine is the same computer is the code that this gives out, which goes there over
    /// 127.0.0.1: without it no tokens. A remote machine has nothing of the kind, so its name was typed.
    /// </summary>
    public async Task<Approved> ApproveAsync(Account account, DeviceRequest request, DeviceApprove given, CancellationToken cancellationToken)
    {
        SignedText signed = new(given.Text, given.AccountSig, given.DeviceSig);
        bool isRemote = request.LoopbackPort is null || given.TypedName is not null;
        if (isRemote && !IsTyped(given.TypedName, request.Name))
            return MeshError.DeviceNameNotTyped;
        if ((ApprovalRules.Read(signed, account, clock.GetUtcNow(), out DeviceApprovalText text) ?? ApprovalRules.Compare(text, request)) is { } refusal)
            return refusal;

        OneTimeCode? loopback = isRemote ? null : OneTimeCode.Generate();
        MeshError? late = await database.WriteAsync(scope => Approve(scope, account.No, request.UserCode, signed, text, given.Box, loopback), cancellationToken);
        if (late is not null)
            return late;

        LogApproved(account.Id, request.UserCode, text.Device, isRemote ? "remote" : "same computer");
        await news.TellAsync(account.No, AccountChange.DeviceAdded, cancellationToken);
        return new DeviceApproved(loopback is { } code ? new LoopbackCode(request.LoopbackPort!.Value, code.Reveal()) : null);
    }

    /// <summary>A device that has recovered the account secret lets itself in; one that is in already says that this session is its own.</summary>
    public async Task<MeshError?> AddSelfAsync(Account account, LoginSession session, DeviceAdd given, CancellationToken cancellationToken)
    {
        SignedText signed = new(given.Text, given.AccountSig, given.DeviceSig);
        if (ApprovalRules.Read(signed, account, clock.GetUtcNow(), out DeviceApprovalText text) is { } refusal)
            return refusal;
        if (text.ApproverDevice != text.Device || text.UserCode.Length > 0)
            return ApprovalRules.Refused("a device approves itself alone, and without a code");
        if (!DisplayName.TryParse(text.DeviceName, out _))
            return ApprovalRules.Refused($"the device's name must have {DisplayName.Rule}");

        (bool isNew, MeshError? late) = await database.WriteAsync(scope => AddSelf(scope, account.No, session, signed, text), cancellationToken);
        if (late is not null || !isNew)
            return late;

        LogRecovered(account.Id, text.Device);
        mail.TellOfDevice(account, text.DeviceName, session.Address, clock.GetUtcNow());
        await news.TellAsync(account.No, AccountChange.DeviceAdded, cancellationToken);
        return null;
    }

    private static MeshError? Approve(
        WriteScope scope, AccountNo account, UserCode code, SignedText signed, DeviceApprovalText text, byte[] box, OneTimeCode? loopback)
    {
        DeviceRequest? request = DeviceRequestStore.Find(scope.Sql, code);
        if (DeviceRequestStore.WhyNotDecided(request, scope.Now) is { } over)
            return over;
        if (ApprovalRules.Compare(text, AccountKeyStore.FindNewest(scope.Sql, account)) is { } moved)
            return moved;
        if (DeviceStore.Find(scope.Sql, account, text.ApproverDevice, scope.Now) is null)
            return ApprovalRules.Refused("the device that approves is none of the account");

        DeviceKind kind = request!.ClientId is DeviceClients.Page ? DeviceKind.Browser : DeviceKind.Device;

        // One that is in already, and lost its tokens, stays a device when it does not fetch the new ones.
        Instant? waitsUntil = DeviceStore.Find(scope.Sql, account, text.Device, scope.Now) is { Waits: false } ? null : request.ExpiresAt;
        if (DeviceStore.Add(scope, new NewDevice(account, text.Device, request.Name, kind, text.ApproverDevice, signed, waitsUntil)) is not { } no)
            return MeshError.TooManyDevices;

        DeviceRequestStore.Approve(scope, request, account, no, loopback, box);
        return null;
    }

    private static (bool IsNew, MeshError? Refusal) AddSelf(
        WriteScope scope, AccountNo account, LoginSession session, SignedText signed, DeviceApprovalText text)
    {
        if (ApprovalRules.Compare(text, AccountKeyStore.FindNewest(scope.Sql, account)) is { } moved)
            return (false, moved);
        if (DeviceStore.WasRemoved(scope.Sql, account, text.Device))
            return (false, MeshError.DeviceRemoved);
        if (!DeviceSessions.TryBind(scope, session, text.Device))
            return (false, ApprovalRules.Refused("this session is another device's"));
        if (DeviceStore.Find(scope.Sql, account, text.Device, scope.Now) is not null)
            return (false, null);

        DeviceKind kind = session.Kind is LoginKind.Browser ? DeviceKind.Browser : DeviceKind.Device;
        return DeviceStore.Add(scope, new NewDevice(account, text.Device, text.DeviceName, kind, text.Device, signed)) is null
            ? (false, MeshError.TooManyDevices)
            : (true, null);
    }

    /// <summary>A person types what he reads: spaces around it and capitals do not count.</summary>
    private static bool IsTyped(string? typed, string name) => string.Equals(typed?.Trim(), name, StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {Account} approved request {Code}: device {Device}, {Where}")]
    private partial void LogApproved(UserId account, UserCode code, PublicKey device, string where);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {Account} was recovered on device {Device}")]
    private partial void LogRecovered(UserId account, PublicKey device);
}

/// <summary>What came of an approval.</summary>
internal readonly record struct Approved(DeviceApproved? Answer, MeshError? Refusal)
{
    public static implicit operator Approved(DeviceApproved answer) => new(answer, null);

    public static implicit operator Approved(MeshError refusal) => new(null, refusal);
}

/// <summary>Who may ask for the device flow: public clients (RFC 6749 2.1), which have no secret.</summary>
internal static class DeviceClients
{
    /// <summary>The daemon, for the terminal.</summary>
    public const string Terminal = "claudemesh-cli";

    /// <summary>A browser that has no secret yet and is approved by another device.</summary>
    public const string Page = "claudemesh-page";

    public static bool Knows(string? clientId) => clientId is Terminal or Page;
}
