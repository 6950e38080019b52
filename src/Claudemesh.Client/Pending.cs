using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>A request that waits for its reply.</summary>
internal interface IPending
{
    /// <summary>Takes the frame that answers it: the reply, or an <c>error</c>.</summary>
    void Take(ReadOnlySpan<byte> type, ReadOnlySpan<byte> frame);

    void Disconnect();
}

internal sealed class Pending<T> : IPending
    where T : class, IMessage
{
    private readonly TaskCompletionSource<Answer<T>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<Answer<T>> Task => answer.Task;

    public void Take(ReadOnlySpan<byte> type, ReadOnlySpan<byte> frame) => answer.TrySetResult(Read(type, frame));

    public void Disconnect() => answer.TrySetResult(Answer.Disconnected<T>());

    private static Answer<T> Read(ReadOnlySpan<byte> type, ReadOnlySpan<byte> frame)
    {
        if (FrameTypes.Is<ErrorReply>(type))
        {
            return FrameReader.TryRead(frame, out ErrorReply? refusal, out MeshError? wrong)
                ? Answer.Refused<T>(refusal)
                : Answer.Refused<T>(ErrorReply.From(wrong));
        }

        if (!FrameTypes.Is<T>(type))
            return Answer.Refused<T>(ErrorReply.From(UnreadableReply($"it is no {T.WireType}")));

        return FrameReader.TryRead(frame, out T? reply, out MeshError? fault)
            ? Answer.Replied<T>(reply)
            : Answer.Refused<T>(ErrorReply.From(UnreadableReply(fault.Message)));
    }

    private static MeshError UnreadableReply(string why) =>
        MeshError.Internal.With($"The broker's reply cannot be read: {why}");
}
