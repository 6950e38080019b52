using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Client;

/// <summary>What a handshake came to: a welcome, or why there is none.</summary>
internal sealed record HandshakeResult(MemberWelcome? Welcome, LinkEnd? End, string? Code)
{
    // Trying again with the same key cannot mend these.
    private static readonly string[] FinalCodes = ["revoked", "unauthorized", "bad_signature", "workspace_ended"];

    internal bool IsFinal => Code is not null && FinalCodes.Contains(Code, StringComparer.Ordinal);
}

/// <summary>Proves the member's key over the broker's challenge.</summary>
internal sealed class Handshake(MeshConnectionOptions options, MemberSecretKey member, TimeProvider clock)
{
    /// <exception cref="BrokenWireException">The other side is no broker of ours.</exception>
    internal async Task<HandshakeResult> RunAsync(Link link, CancellationToken cancellationToken)
    {
        Challenge? challenge = null;
        while (await link.ReadFrameAsync(cancellationToken) is var (head, frame))
        {
            if (Is<ErrorReply>(head, frame))
                return Refused(Read<ErrorReply>(frame));

            if (challenge is null && Is<Challenge>(head, frame))
            {
                challenge = Read<Challenge>(frame);
                await link.WriteNowAsync(await MakeHelloAsync(challenge, cancellationToken), cancellationToken);
            }
            else if (challenge is not null && Is<MemberWelcome>(head, frame))
            {
                return new HandshakeResult(Read<MemberWelcome>(frame), null, null);
            }
        }

        return new HandshakeResult(null, link.ClosedByBroker(), null);
    }

    private static bool Is<T>(FrameHead head, ReadOnlyMemory<byte> frame)
        where T : IMessage => FrameTypes.Is<T>(head.Type(frame.Span));

    private static T Read<T>(ReadOnlyMemory<byte> frame)
        where T : class, IMessage =>
        FrameReader.TryRead(frame.Span, out T? message, out MeshError? fault)
            ? message
            : throw new BrokenWireException($"The broker's {T.WireType} cannot be read: {fault.Message}");

    private static HandshakeResult Refused(ErrorReply refusal)
    {
        string reason = refusal.Code == MeshError.TimestampSkew.Code
            ? "This machine's clock is more than a minute from the broker's, so its hello is not believed. Set the clock; `claudemesh doctor` tells by how much it is wrong."
            : refusal.Message;
        return new HandshakeResult(null, new LinkEnd(reason, null), refusal.Code);
    }

    private async Task<MemberHello> MakeHelloAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        if (challenge.Value.Length != HelloText.ChallengeSize)
            throw new BrokenWireException("The broker's challenge does not have 32 bytes.");

        ResumeFrom resume = options.Resume is { } ask ? await ask(cancellationToken) : ResumeFrom.Nothing;
        Introduction introduction = options.Introduce?.Invoke() ?? new Introduction();
        long sentAt = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] signature = member.Sign(new HelloText(options.MeshId.Value, member.Public, challenge.Value, sentAt));
        return new MemberHello(
            options.MeshId,
            member.Public,
            options.DeviceId,
            options.Client,
            options.Features,
            sentAt,
            signature,
            introduction.DisplayName,
            options.Hostname,
            options.Platform,
            options.Presence,
            introduction.Groups,
            resume.Incarnation,
            resume.Points.Length == 0 ? null : resume.Points,
            introduction.Standing);
    }
}
