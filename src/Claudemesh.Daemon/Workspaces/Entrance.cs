using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>How one comes into a workspace: by making it, or with an invite; and how one lets others in.</summary>
internal sealed partial class Entrance(
    WorkspaceStore store, JoinedWorkspaces workspaces, WorkspaceOpening opening, HttpClient http, TimeProvider clock, ILogger<Entrance> logger) : IDisposable
{
    private const string DefaultBroker = "http://127.0.0.1:7900";
    private const int AnswerBytesMax = 64 * 1024;
    private static readonly TimeSpan InviteLifeMax = TimeSpan.FromDays(365);

    // One at a time: the same link opened twice is one membership.
    private readonly SemaphoreSlim entering = new(1, 1);

    public async Task<LocalReply<Workspace>> CreateAsync(Local.CreateWorkspace request, CancellationToken cancellationToken)
    {
        if (!DisplayName.TryParse(request.Name.Trim(), out DisplayName name))
            return Invalid($"name must be {DisplayName.Rule}.");
        if (!DisplayName.TryParse(NameOf(request.DisplayName), out DisplayName displayName))
            return Invalid($"display_name must be {DisplayName.Rule}.");

        string? lastBroker = workspaces.All.LastOrDefault()?.Row.Broker;
        if (!BrokerAddress.TryParse(request.Broker ?? lastBroker ?? DefaultBroker, out BrokerAddress? broker))
            return Invalid("broker must be an address like https://mesh.example.com.");

        using IDisposable turn = await EnterAsync(cancellationToken);
        string meshId = RandomBytes.NextId();
        byte[] seed = await store.KeepSeedAsync(meshId, RandomBytes.Next(Ed25519.SeedSize), cancellationToken);
        using MemberSecretKey owner = MemberSecretKey.FromSeed(seed);
        Slug slug = SlugOf(name);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] proof = owner.Sign(new WorkspaceCreateText(meshId, slug.Value, name.Value, owner.Public, now));
        var body = new Protocol.CreateWorkspace(MeshId.Parse(meshId), slug, name, owner.Public, displayName, now, proof);
        LocalReply<WorkspaceCreated> created = await PostAsync(
            broker!, "/api/v1/workspaces", body, ProtocolJson.Default.CreateWorkspace, ProtocolJson.Default.WorkspaceCreated, cancellationToken);
        if (!created.Succeeded)
            return created.Problem;
        if (created.Value.MeshId.Value != meshId)
            return BrokerProblems.Refused("", "it answered about another workspace.");

        WorkspaceCreated made = created.Value;
        return await AddAsync(
            new WorkspaceRow(0, meshId, "", made.Slug.Value, made.Name.Value, AddressOf(broker), "owner", made.MemberId.Value, owner.Public, displayName.Value, now, ""),
            cancellationToken);
    }

    public async Task<LocalReply<Workspace>> JoinAsync(JoinWorkspace request, CancellationToken cancellationToken)
    {
        if (!LegacyInviteToken.TryFindInLink(request.Link, out string? token) || !LegacyInviteToken.TryParse(token!, out LegacyInviteToken? parsed))
            return LocalProblem.Of(LocalErrors.InvalidInvite, "The link is not an invite, or a part of it is missing; copy it whole.", 400, ExitCode.BadArguments);

        LegacyInvite invite = parsed!.Invite;
        if (!BrokerAddress.TryParse(invite.BrokerUrl, out BrokerAddress? broker) || !MeshId.TryParse(invite.MeshId, out _) || !Slug.TryParse(invite.MeshSlug, out Slug slug))
            return LocalProblem.Of(LocalErrors.InvalidInvite, "The invite names no broker or workspace that can be used.", 400, ExitCode.BadArguments);
        if (DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(invite.ExpiresAt, 0, 253402300799)) <= clock.GetUtcNow())
            return BrokerProblems.Refused(MeshError.InviteExpired.Code, MeshError.InviteExpired.Message);
        if (!DisplayName.TryParse(NameOf(request.DisplayName), out DisplayName displayName))
            return Invalid($"display_name must be {DisplayName.Rule}.");

        using IDisposable turn = await EnterAsync(cancellationToken);
        if (store.FindByMesh(invite.MeshId) is { } there)
            return workspaces.FindByNo(there.No)!.Describe();

        byte[] seed = await store.KeepSeedAsync(invite.MeshId, RandomBytes.Next(Ed25519.SeedSize), cancellationToken);
        using MemberSecretKey member = MemberSecretKey.FromSeed(seed);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] possession = member.Sign(new JoinPossessionText(invite.MeshId, Sha256.Hash(token!), member.Public, now));
        InvitePayload payload = JsonSerializer.Deserialize(System.Buffers.Text.Base64Url.DecodeFromChars(token), ProtocolJson.Default.InvitePayload)!;
        var body = new Join(token!, payload, member.Public, displayName, now, possession);
        LocalReply<Joined> answer = await PostAsync(broker!, "/join", body, ProtocolJson.Default.Join, ProtocolJson.Default.Joined, cancellationToken);
        if (!answer.Succeeded)
            return answer.Problem;

        Joined joined = answer.Value;
        string role = (joined.Role ?? MemberRole.Member).ToString().ToLowerInvariant();
        string joinedSlug = joined.MeshSlug?.Value ?? slug.Value;
        return await AddAsync(
            new WorkspaceRow(
                0, invite.MeshId, "", joinedSlug, joined.MeshName ?? joinedSlug, AddressOf(broker), role, joined.MemberId.Value, member.Public, displayName.Value, now, ""),
            cancellationToken);
    }

    public async Task<LocalReply<Invite>> InviteAsync(CreateInvite request, CancellationToken cancellationToken)
    {
        if (request.Uses is < 1 or > 1000)
            return Invalid("uses must be 1 to 1000.");
        if (request.ExpiresInSeconds < 60 || request.ExpiresInSeconds > InviteLifeMax.TotalSeconds)
            return Invalid("expires_in_seconds must be a minute to a year.");

        LocalReply<LiveWorkspace> one = workspaces.RequireOne(request.Workspace);
        if (!one.Succeeded)
            return one.Problem;

        LiveWorkspace workspace = one.Value;
        if (workspace.Row.Role is not "owner")
        {
            return LocalProblem.Of(
                "forbidden", $"Only the owner of {workspace.Row.Slug} can invite, and you are {workspace.Row.Role}.", 403, ExitCode.Denied);
        }

        BrokerAddress broker = BrokerAddress.Parse(workspace.Row.Broker);
        DateTimeOffset expiresAt = clock.GetUtcNow().AddSeconds(request.ExpiresInSeconds);
        LegacyInviteToken issued = LegacyInviteToken.Issue(
            workspace.Identity.Key.Key,
            workspace.Row.MeshId,
            workspace.Row.BrokerSlug,
            broker.Socket.ToString(),
            expiresAt.ToUnixTimeSeconds(),
            "member");
        LocalReply<InviteCreated> created = await workspace.AskAsync<InviteCreate, InviteCreated>(new InviteCreate(issued.Token, request.Uses), cancellationToken);
        return created.Succeeded
            ? new Invite(workspace.Row.Slug, new Uri(broker.Http, "join/" + issued.Token).ToString(), request.Uses, DateTimeOffset.FromUnixTimeSeconds(expiresAt.ToUnixTimeSeconds()))
            : created.Problem;
    }

    public void Dispose() => entering.Dispose();

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    /// <summary>As people write it, without a closing slash.</summary>
    private static string AddressOf(BrokerAddress broker) => broker.Http.ToString().TrimEnd('/');

    private static string NameOf(string? displayName) => string.IsNullOrWhiteSpace(displayName) ? Environment.UserName : displayName.Trim();

    /// <summary>A short name out of a name: what is no lower-case letter or digit becomes one dash.</summary>
    private static Slug SlugOf(DisplayName name)
    {
        var slug = new System.Text.StringBuilder();
        foreach (char c in name.Value.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        string text = slug.ToString(0, Math.Min(slug.Length, 48)).Trim('-');
        return Slug.Parse(text.Length == 0 ? "workspace" : text);
    }

    private async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await entering.WaitAsync(cancellationToken);
        return new Turn(entering);
    }

    private async Task<LocalReply<Workspace>> AddAsync(WorkspaceRow row, CancellationToken cancellationToken)
    {
        WorkspaceRow added = await store.AddAsync(row, cancellationToken);
        LiveWorkspace workspace = await opening.OpenAsync(added, cancellationToken);
        LogEntered(added.Slug, added.Role);
        return workspace.Describe();
    }

    private async Task<LocalReply<TReply>> PostAsync<TBody, TReply>(
        BrokerAddress broker, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
        where TReply : class
    {
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await http.PostAsync(new Uri(broker.Http, path), content, cancellationToken);
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return JsonSerializer.Deserialize(answer, replyType) is { } reply ? reply : BrokerProblems.Refused("", "it answered null.");

            if (response.StatusCode is HttpStatusCode.ProxyAuthenticationRequired)
                return BrokerProblems.Unreachable(AddressOf(broker), DialFault.OfProxyWithoutPassword(DialFault.FindProxy(SystemProxy.Instance, broker.Http)).Advice);

            Problem? problem = JsonSerializer.Deserialize(answer, ProtocolJson.Default.Problem);
            return BrokerProblems.Refused(problem?.Code ?? "", problem?.Detail ?? $"HTTP {(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            return BrokerProblems.Unreachable(AddressOf(broker), DialFault.Of(error, broker.Http, SystemProxy.Instance).Advice);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblems.Unreachable(AddressOf(broker), "It did not answer in time.");
        }
        catch (JsonException)
        {
            return BrokerProblems.Refused("", $"{broker.Http} does not answer like a claudemesh broker.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "In workspace {Slug} as {Role}")]
    private partial void LogEntered(string slug, string role);

    private sealed class Turn(SemaphoreSlim entering) : IDisposable
    {
        public void Dispose() => entering.Release();
    }
}
