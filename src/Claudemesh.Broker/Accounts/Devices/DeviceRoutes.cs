using System.Net;
using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>New machines ask here to be let in; the account's devices look at them, say yes or no, and see each other.</summary>
internal static class DeviceRoutes
{
    private const string Code = "userCode";
    private const string Device = "pub";

    public static RestRoutes MapDevices(this RestRoutes routes) => routes
        .Add(new RestRoute("POST", "/device_authorization", Operation: null, KeyReach.Workspace, "A new machine asks to be let in (RFC 8628).", AuthorizeAsync)
        {
            Root = RestRoutes.OAuth,
            Form = DeviceAuthorizationEndpoint.Form,
            Reply = typeof(DeviceAuthorization),
            Refusals = [MeshError.OAuthInvalidRequest, MeshError.OAuthInvalidClient, MeshError.AddressRate],
        })
        .Add(new RestRoute("GET", $"/device-requests/{{{Code}}}", Operation.UseAccountKeys, KeyReach.Workspace, "Shows who waits to be let in.", ShowAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(DeviceRequestInfo),
            Refusals = [MeshError.DeviceRequestNotFound, MeshError.DeviceRequestDecided, MeshError.DeviceRequestExpired, MeshError.UserCodeRate],
        })
        .Add(new RestRoute("POST", $"/device-requests/{{{Code}}}/approve", Operation.ApproveDevices, KeyReach.Workspace, "Lets a machine in: it becomes you.", ApproveAsync)
        {
            Root = RestRoutes.My,
            Body = typeof(DeviceApprove),
            Reply = typeof(DeviceApproved),
            Refusals =
            [
                MeshError.DeviceRequestNotFound, MeshError.DeviceRequestDecided, MeshError.DeviceRequestExpired, MeshError.UserCodeRate,
                MeshError.ApprovalRefused, MeshError.DeviceNameNotTyped, MeshError.ClockSkew, MeshError.NoAccountKey, MeshError.AccountKeyMoved,
                MeshError.TooManyDevices,
            ],
        })
        .Add(new RestRoute("POST", $"/device-requests/{{{Code}}}/deny", Operation.UseAccountKeys, KeyReach.Workspace, "Sends a machine away.", DenyAsync)
        {
            Root = RestRoutes.My,
            Status = 204,
            Refusals = [MeshError.DeviceRequestNotFound, MeshError.DeviceRequestDecided, MeshError.DeviceRequestExpired, MeshError.UserCodeRate],
        })
        .Add(new RestRoute("GET", "/devices", Operation.UseAccountKeys, KeyReach.Workspace, "Lists the account's devices, with their records.", ListAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(DeviceList),
        })
        .Add(new RestRoute("POST", "/devices", Operation.UseAccountKeys, KeyReach.Workspace, "A device that has recovered the secret lets itself in.", AddAsync)
        {
            Root = RestRoutes.My,
            Body = typeof(DeviceAdd),
            Status = 204,
            Refusals =
            [
                MeshError.ApprovalRefused, MeshError.ClockSkew, MeshError.NoAccountKey, MeshError.AccountKeyMoved, MeshError.DeviceRemoved, MeshError.TooManyDevices,
            ],
        })
        .Add(new RestRoute("DELETE", $"/devices/{{{Device}}}", Operation.UseAccountKeys, KeyReach.Workspace, "Ends a device's sessions. What it knows it keeps: see renewal.", RemoveAsync)
        {
            Root = RestRoutes.My,
            Status = 204,
            Refusals = [MeshError.DeviceNotFound],
        });

    private static Task AuthorizeAsync(RestCall call) => call.Get<DeviceAuthorizationEndpoint>().HandleAsync(call);

    private static async Task ShowAsync(RestCall call)
    {
        if (await FindAsync(call) is not { } request)
            return;

        await (DeviceRequestStore.WhyNotDecided(request, Now(call)) is { } over ? call.RefuseAsync(over) : call.AnswerAsync(request.ToWire()));
    }

    private static async Task ApproveAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<DeviceApprove>() is not { } body || await FindAsync(call) is not { } request)
            return;

        (DeviceApproved? answer, MeshError? refusal) = await call.Get<DeviceApprovals>().ApproveAsync(call.Account, request, body, call.Aborted);
        await (answer is null ? call.RefuseAsync(refusal!) : call.AnswerAsync(answer));
    }

    private static async Task DenyAsync(RestCall call)
    {
        if (await FindAsync(call) is { } request)
            await call.AnswerAsync(await call.Get<DeviceRequestStore>().DenyAsync(request.UserCode, call.Account.No, call.Aborted));
    }

    private static async Task ListAsync(RestCall call)
    {
        List<DeviceRow> devices = await call.Get<DeviceStore>().ListAsync(call.Account.No, call.Aborted);
        await call.AnswerAsync(new DeviceList([.. devices.Select(device => device.ToWire(call.Session.Device))]));
    }

    private static async Task AddAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<DeviceAdd>() is { } body)
            await call.AnswerAsync(await call.Get<DeviceApprovals>().AddSelfAsync(call.Account, call.Session, body, call.Aborted));
    }

    private static async Task RemoveAsync(RestCall call)
    {
        MeshError? refusal = PublicKey.TryParse(call.Path(Device), out PublicKey key)
            ? await call.Get<DeviceRemoval>().RemoveAsync(call.Account, key, call.Aborted)
            : MeshError.DeviceNotFound;
        await call.AnswerAsync(refusal);
    }

    /// <summary>The request of the code in the path; null with the refusal already sent where there is none, or too many were tried.</summary>
    private static async ValueTask<DeviceRequest?> FindAsync(RestCall call)
    {
        UserCodeRate rate = call.Get<UserCodeRate>();
        IPAddress from = ClientAddress.Of(call.Http);
        if (!rate.TryTake(call.Account.No.Value, from, out TimeSpan wait))
        {
            call.Http.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
            await call.RefuseAsync(MeshError.UserCodeRate);
            return null;
        }

        DeviceRequest? found = UserCode.TryParse(call.Path(Code), out UserCode code)
            ? await call.Get<DeviceRequestStore>().FindAsync(code, call.Aborted) : null;
        if (found is null)
            await call.RefuseAsync(MeshError.DeviceRequestNotFound);
        else
            rate.GiveBack(call.Account.No.Value, from);
        return found;
    }

    private static Messaging.Delivery.Instant Now(RestCall call) => Storage.InstantClock.GetInstant(call.Get<TimeProvider>());
}
