using Claudemesh.Broker.Messaging.Delivery;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Messaging;

/// <summary>How fast each member sends: a bound that a working team never meets.</summary>
internal sealed class SendRate(IOptions<MessagingOptions> options, TimeProvider clock)
{
    private readonly TokenBuckets<MemberNo> buckets = new(options.Value.SendsPerSecond, options.Value.SendsBurst, clock);

    public int Count => buckets.Count;

    /// <summary>Takes one token; false when there is none.</summary>
    public bool TryTake(MemberNo member) => buckets.TryTake(member);
}
