using Claudemesh.Daemon.Outbox;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Outbox;

public sealed class OutboxStatesTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, MessageStates.Accepted)]
    [InlineData(3, 2, 0, 0, 0, 0, MessageStates.Accepted)]
    [InlineData(3, 3, 1, 0, 0, 0, MessageStates.Delivered)]
    [InlineData(3, 2, 2, 2, 1, 0, MessageStates.Read)]
    [InlineData(3, 2, 2, 0, 0, 1, MessageStates.Surfaced)]
    [InlineData(2, 0, 0, 0, 2, 0, MessageStates.Refused)]
    [InlineData(2, 0, 0, 0, 0, 2, MessageStates.Expired)]
    public void A_message_to_several_has_come_as_far_as_the_last_of_those_who_can_have_it(
        int recipients, int delivered, int surfaced, int read, int refused, int expired, string state) =>
        Assert.Equal(state, OutboxStates.Of(new Tally(recipients, delivered, surfaced, read, refused, expired)));
}
