using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;
using Claudemesh.Broker.Messaging.Delivery;
using MeshError = Claudemesh.Protocol.MeshError;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// The core's answers to whoever submitted without a socket. Each is awaited to its end, also when who asked has gone: what was submitted is
/// accepted or refused all the same. Places are used again, so that an answer costs no allocation.
/// </summary>
internal sealed class AwaitedAnswers
{
    /// <summary>Answers that are awaited at once.</summary>
    public const int CountMax = 8_192;

    private readonly Lock gate = new();
    private readonly List<Place> places = [];
    private readonly Stack<Place> free = new();
    private bool broken;

    /// <summary>Answers that are awaited now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return places.Count - free.Count;
        }
    }

    /// <summary>Submit under the place's ticket, then await it, once.</summary>
    /// <returns>False when as many are awaited as may be.</returns>
    public bool TryTake([NotNullWhen(true)] out Place? place)
    {
        lock (gate)
        {
            if (!free.TryPop(out place))
            {
                if (places.Count == CountMax)
                    return false;

                place = new Place(this, places.Count);
                places.Add(place);
            }

            place.Begin();
            if (broken)
                place.Answer(new SubmitResult.Refused(MeshError.WorkspaceMoved));

            return true;
        }
    }

    public void Answer(long ticket, SubmitResult result)
    {
        lock (gate)
        {
            if (places[(int)(ticket % CountMax)] is var place && place.Ticket == ticket)
                place.Answer(result);
        }
    }

    /// <summary>The core answers nobody any more. What it accepted before its end is found by who asks again.</summary>
    public void Break()
    {
        lock (gate)
        {
            broken = true;
            foreach (Place place in places)
                place.Answer(new SubmitResult.Refused(MeshError.WorkspaceMoved));
        }
    }

    private void Return(Place place)
    {
        lock (gate)
            free.Push(place);
    }

    internal sealed class Place(AwaitedAnswers owner, int no) : IValueTaskSource<SubmitResult>
    {
        private ManualResetValueTaskSourceCore<SubmitResult> source = new() { RunContinuationsAsynchronously = true };
        private bool awaited;

        /// <summary>Another each time that the place is used: an answer that comes late is nobody's.</summary>
        public long Ticket { get; private set; } = no;

        public ValueTask<SubmitResult> AnswerAsync() => new(this, source.Version);

        internal void Begin()
        {
            Ticket += CountMax;
            awaited = true;
        }

        internal void Answer(SubmitResult result)
        {
            if (!awaited)
                return;

            awaited = false;
            source.SetResult(result);
        }

        SubmitResult IValueTaskSource<SubmitResult>.GetResult(short token)
        {
            SubmitResult result = source.GetResult(token);
            source.Reset();
            owner.Return(this);
            return result;
        }

        ValueTaskSourceStatus IValueTaskSource<SubmitResult>.GetStatus(short token) => source.GetStatus(token);

        void IValueTaskSource<SubmitResult>.OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            source.OnCompleted(continuation, state, token, flags);
    }
}
