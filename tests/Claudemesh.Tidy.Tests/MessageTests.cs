using System.Text.RegularExpressions;
using Claudemesh.Protocol;

namespace Claudemesh.Tidy.Tests;

/// <summary>A message has one record, one handler and one row in <c>docs/protocol.md</c>.</summary>
public sealed partial class MessageTests
{
    private const string ProtocolPage = "docs/protocol.md";

    private static readonly Type[] Messages =
    [
        .. typeof(IMessage).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsInterface: false } && typeof(IMessage).IsAssignableFrom(type)),
    ];

    private static readonly Type[] BrokerTypes =
    [
        .. System.Reflection.Assembly.Load("Claudemesh.Broker").GetTypes().Where(type => type is { IsAbstract: false, IsInterface: false }),
    ];

    /// <summary>What handlers take; and what a route of the message's own name reads by hand, because it is on the hot path.</summary>
    private static readonly Type[] HandledMessages =
    [
        .. from type in BrokerTypes
           from door in type.GetInterfaces()
           where door.IsGenericType && HandlerInterface().IsMatch(door.Name)
           select door.GetGenericArguments()[0],
        .. from type in BrokerTypes
           where string.Equals(type.BaseType?.Name, "MessageRoute", StringComparison.Ordinal) && !type.IsGenericType
           from message in Messages
           where string.Equals(type.Name, message.Name + "Route", StringComparison.Ordinal)
           select message,
    ];

    [Fact]
    public void A_message_that_peers_send_has_exactly_one_handler_or_is_documented_as_unknown()
    {
        HashSet<string> unknown = DocumentedAsUnknown();
        Repository.AssertNone(
            from message in Messages
            where IsSentByPeers(message)
            let handlers = HandledMessages.Count(handled => handled == message)
            let expected = unknown.Contains(WireType(message)) ? 0 : 1
            where handlers != expected
            select $"{message.Name} ({WireType(message)}): {handlers} handlers instead of {expected}",
            "These messages are answered by nobody, or by several:");
    }

    [Fact]
    public void Every_message_is_named_in_the_protocol_page()
    {
        string page = Repository.Has(ProtocolPage) ? Repository.Read(ProtocolPage) : "";
        Repository.AssertNone(
            from message in Messages
            where !page.Contains($"`{WireType(message)}`", StringComparison.Ordinal)
            select $"{message.Name}: `{WireType(message)}`",
            $"{ProtocolPage} says nothing of these messages:");
    }

    [Fact]
    public void A_wire_name_belongs_to_one_message_in_each_direction() => Repository.AssertNone(
        from message in Messages
        group message by (WireType(message), IsSentByPeers(message)) into same
        where same.Count() > 1
        select $"{same.Key.Item1}: {string.Join(", ", same.Select(message => message.Name))}",
        "These records claim one name:");

    private static bool IsSentByPeers(Type message) =>
        typeof(INotice).IsAssignableFrom(message) || Array.Exists(message.GetInterfaces(), one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IRequest<>));

    private static string WireType(Type message) => (string)message.GetProperty("WireType")!.GetValue(null)!;

    /// <summary>The names in the section whose heading has <c>unknown_message_type</c> in it.</summary>
    private static HashSet<string> DocumentedAsUnknown()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        if (!Repository.Has(ProtocolPage))
            return names;

        bool inside = false;
        foreach (string line in Repository.ReadLines(ProtocolPage))
        {
            if (line.StartsWith('#'))
                inside = line.Contains("unknown_message_type", StringComparison.Ordinal);
            else if (inside)
                names.UnionWith(Quoted().Matches(line).Select(match => match.Groups["name"].Value));
        }

        return names;
    }

    [GeneratedRegex("^I\\w*Handler`", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex HandlerInterface();

    [GeneratedRegex("`(?<name>[a-z_]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Quoted();
}
