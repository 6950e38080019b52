using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>The devices of an account: which there are, who is let in, who is not.</summary>
internal sealed class Devices(AccountHome home, AccountCalls calls, LoopbackReturns returns, Freshness freshness, TimeProvider clock)
{
    private const int KeyPrefixMin = 6;

    public async Task<LocalReply<Local.DeviceList>> ListAsync(string? broker, CancellationToken cancellationToken)
    {
        LocalReply<Login> one = home.RequireDevice(broker);
        if (one.Value is not { } login)
            return one.Problem!;

        LocalReply<AllDevices> all = await ReadAsync(login, cancellationToken);
        return all.Value is { } devices
            ? new Local.DeviceList(login.Stored.Broker, [.. devices.All.Select(device => Describe(login, device, devices.History))])
            : all.Problem!;
    }

    /// <summary>All devices as the broker has them, and the keys by which they are judged.</summary>
    public async Task<LocalReply<AllDevices>> ReadAsync(Login login, CancellationToken cancellationToken)
    {
        LocalReply<WireKey> key = await calls.GetAsync(login, "api/my/key", WireJson.Default.WireKey, cancellationToken);
        if (key.Value is not { } shown)
            return key.Problem!;
        LocalReply<WireDevices> asked = await calls.GetAsync(login, "api/my/devices", WireJson.Default.WireDevices, cancellationToken);
        return asked.Value is { } devices && PublicKey.TryParse(login.Stored.Key, out PublicKey present)
            ? new AllDevices(devices.Devices, AccountKeyHistory.Of(shown, present))
            : asked.Problem ?? AccountProblems.SignedOut(login.Stored);
    }

    public async Task<LocalReply<DeviceRequest>> FindRequestAsync(DenyDevice asked, CancellationToken cancellationToken)
    {
        LocalReply<Named> named = Read(asked.Broker, asked.Link);
        if (named.Value is not { } link)
            return named.Problem!;

        LocalReply<WireRequest> found = await calls.GetAsync(link.Login, PathOf(link.UserCode), WireJson.Default.WireRequest, cancellationToken);
        return found.Value is { } request
            ? new DeviceRequest(
                link.Login.Stored.Broker, request.UserCode, request.DevicePub, request.DeviceName, request.Platform, request.Address ?? "", request.SameComputer, request.CreatedAt, request.ExpiresAt)
            : found.Problem!;
    }

    /// <summary>Seals the account's secret to the new machine, after its person has said yes to what <see cref="FindRequestAsync"/> shows.</summary>
    public async Task<LocalReply<DeviceDecision>> ApproveAsync(ApproveDevice asked, CancellationToken cancellationToken)
    {
        LocalReply<Named> named = Read(asked.Broker, asked.Link);
        if (named.Value is not { } link)
            return named.Problem!;

        using PairingSecret? pairing = link.Pairing ?? (PairingSecret.TryParseTyped(asked.Pairing ?? "", out PairingSecret? typed) ? typed : null);
        if (pairing is null)
            return AccountProblems.Invalid("Without the pairing secret nothing can be written for the new machine: give the whole link, or the 26 characters that it shows beside the code.");

        Login login = link.Login;
        LocalReply<WireRequest> found = await calls.GetAsync(login, PathOf(link.UserCode), WireJson.Default.WireRequest, cancellationToken);
        if (found.Value is not { } request)
            return found.Problem!;
        if (!PublicKey.TryParse(request.DevicePub, out PublicKey device) || request.UserCode != link.UserCode)
            return BrokerProblems.Refused("", "it shows a request that makes no sense.");
        if (link.Device is { } expected && expected != device)
            return AccountProblems.NotApproved("the broker shows another key than the link of the new machine, so nothing was sent to it");
        if (await freshness.ProveAsync(login, asked.Password, asked.Code, cancellationToken) is { } stale)
            return stale;

        LoginKeys keys = login.Keys!;
        using SigningKey accountKey = keys.Account!.DeriveAccountKey(login.Stored.UserId);
        var text = new DeviceApprovalText(
            login.Stored.UserId, request.UserCode, device, request.DeviceName, accountKey.Public, login.Stored.Generation, keys.Device!.Public, clock.GetUtcNow().ToUnixTimeMilliseconds());
        if (!DeviceApproval.TryApprove(keys.Account, keys.Device, pairing, text, out DeviceApproval? approval))
            return AccountProblems.NotApproved("the new machine's key is none that anything can be sealed to");

        LocalReply<ApprovedRequest> approved = await calls.SendAsync(
            login,
            HttpMethod.Post,
            $"{PathOf(link.UserCode)}/approve",
            new ApproveRequest(SignedBytes.Of(text), approval!.Box, approval.AccountSignature, approval.DeviceSignature, asked.TypedName),
            WireJson.Default.ApproveRequest,
            WireJson.Default.ApprovedRequest,
            cancellationToken);
        if (approved.Value is not { } done)
            return approved.Problem!;
        if (done.Loopback is { } loopback && !await returns.BringAsync(loopback, cancellationToken))
        {
            return AccountProblems.NotApproved(
                "that machine says it is this computer, and does not listen here. If it is another one, begin its login anew with --remote");
        }

        return new DeviceDecision(login.Stored.Broker, request.DeviceName, request.DevicePub, Approved: true);
    }

    public async Task<LocalReply<DeviceDecision>> DenyAsync(DenyDevice asked, CancellationToken cancellationToken)
    {
        LocalReply<DeviceRequest> found = await FindRequestAsync(asked, cancellationToken);
        if (found.Value is not { } request || home.Find(request.Broker) is not { } login)
            return found.Problem!;

        LocalReply<Nothing> denied = await calls.AskAsync(login, HttpMethod.Post, $"{PathOf(request.UserCode)}/deny", WireJson.Default.Nothing, cancellationToken);
        return denied.Succeeded ? new DeviceDecision(request.Broker, request.Name, request.Key, Approved: false) : denied.Problem;
    }

    /// <summary>The device that is meant by a name, a key or the beginning of one.</summary>
    public static LocalReply<WireDevice> Choose(AllDevices devices, string named)
    {
        string wanted = named.Trim();
        WireDevice[] found =
        [
            .. devices.All.Where(device => string.Equals(device.Name, wanted, StringComparison.OrdinalIgnoreCase)
                || (wanted.Length >= KeyPrefixMin && device.DevicePub.StartsWith(wanted.ToLowerInvariant(), StringComparison.Ordinal))),
        ];
        return found switch
        {
            [] => AccountProblems.NoSuchDevice(wanted),
            [var one] => one,
            _ => AccountProblems.SeveralDevices(wanted),
        };
    }

    private static string PathOf(string userCode) => $"api/my/device-requests/{Uri.EscapeDataString(userCode)}";

    private static Device Describe(Login login, WireDevice device, AccountKeyHistory history) => new(
        device.DevicePub,
        device.Name,
        device.Kind ?? "device",
        device.AddedAt,
        device.ApprovedBy,
        device.LastSeenAt,
        device.DevicePub == login.Stored.Device,
        history.Proves(device, login.Stored.UserId));

    /// <summary>A whole link, or a code as a person types it.</summary>
    private LocalReply<Named> Read(string? broker, string link)
    {
        string text = link.Trim();
        PairingSecret? pairing = null;
        PublicKey? device = null;
        string code = text;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
        {
            broker ??= url.GetLeftPart(UriPartial.Authority);
            code = url.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("code=", StringComparison.Ordinal))?["code=".Length..] ?? "";
            if (PairingSecret.TryParseFragment(url.Fragment.TrimStart('#'), out pairing, out PublicKey key))
                device = key;
        }

        code = code.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (code.Length != 8 || !code.All(char.IsAsciiLetterOrDigit))
            return AccountProblems.Invalid("That is neither the link nor the code of a machine that asks: a code is like ABCD-EFGH.");

        LocalReply<Login> login = home.RequireDevice(broker);
        return login.Value is { } one ? new Named(one, $"{code[..4]}-{code[4..]}", pairing, device) : login.Problem!;
    }

    private sealed record Named(Login Login, string UserCode, PairingSecret? Pairing, PublicKey? Device);
}

internal sealed record AllDevices(IReadOnlyList<WireDevice> All, AccountKeyHistory History);
