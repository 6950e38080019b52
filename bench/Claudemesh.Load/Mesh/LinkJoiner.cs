using System.Net.Http.Json;
using System.Security.Cryptography;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Load.Mesh;

/// <summary>Joins a workspace as one member after another by one link, as daemons do: reads the log on, signs a record, seals the root to himself.</summary>
internal sealed class LinkJoiner(InviteLink link) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = new Uri(link.Broker) };
    private readonly string path = $"/api/v1/invites/{link.InviteId}";
    private HeldLog? log;
    private EpochCopy? copy;

    /// <summary>How many records the log has.</summary>
    public long Records => log?.State.Head.Seq ?? 0;

    public async Task JoinAsync(string name, CancellationToken cancellationToken)
    {
        InviteInfo info = await GetAsync(path, ProtocolJson.Default.InviteInfo, cancellationToken);
        if (!Invitation.TryOpenPackage(link.Secret!, link.InviteId, info.Package, out InvitePackageText package))
            throw new InvalidOperationException("The package of the invite does not open.");

        log ??= new HeldLog(package.MeshId, RootReference.MeshScope, package.Pin);
        copy = info.Copy;
        LogPage page;
        do
        {
            page = await GetAsync($"{path}/log?after={Records}", ProtocolJson.Default.LogPage, cancellationToken);
            log.Read(page.Records);
        }
        while (Records < page.Seq);

        using MemberSecretKey member = MemberSecretKey.Generate();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        LogDraft draft = new(log.State, member, now);
        LogRefusal refusal = Joining.Draft(draft, link.Secret!, link.InviteId, RandomNumberGenerator.GetHexString(32, lowercase: true));
        if (refusal is not LogRefusal.None)
            throw new InvalidOperationException($"The log refuses the joiner: {refusal}.");

        JoinByLog body = new(
            InviteId.Parse(link.InviteId), member.Public, DisplayName.Parse(name), now,
            member.Sign(new JoinPossessionText(package.MeshId, Sha256.Hash(link.InviteId), member.Public, now)),
            [draft.Records[0].Signed], Copy(member.Public));
        using HttpResponseMessage answer = await http.PostAsJsonAsync("/api/v1/join", body, ProtocolJson.Default.JoinByLog, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    public void Dispose()
    {
        http.Dispose();
        link.Dispose();
    }

    private EpochCopy[]? Copy(PublicKey joiner)
    {
        using SigningKey key = link.Secret!.DeriveKey(link.InviteId);
        if (copy is null || log!.State.FindRoot(copy.Epoch) is not { } reference || !RootKey.TryOpenCopy(key, copy.Copy, log.State.MeshId, reference, out RootKey? root))
            return null;

        using (root)
            return [new EpochCopy(copy.Epoch, joiner, Rotation.SealCopy(root!, joiner).Copy)];
    }

    private async Task<T> GetAsync<T>(string address, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync(address, type, cancellationToken) ?? throw new InvalidOperationException($"{address} answered nothing.");
}
