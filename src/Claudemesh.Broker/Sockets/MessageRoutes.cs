using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Claudemesh.Broker.Authorization;
using Claudemesh.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Sockets;

/// <summary>Which message goes to which handler. Filled once at start by the capabilities, then frozen.</summary>
internal sealed class MessageRoutes(IServiceCollection services)
{
    private readonly Dictionary<string, Func<IServiceProvider, MessageRoute>> routes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Operation?> operations = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> WireTypes => routes.Keys;

    /// <summary>What the table of permissions is asked for each message; null: it comes before there is somebody to ask about.</summary>
    public IReadOnlyDictionary<string, Operation?> Operations => operations;

    public MessageRoutes Handle<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, TRequest, TReply>(
        Operation operation)
        where THandler : class, IRequestHandler<TRequest, TReply>
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage
    {
        services.AddSingleton<THandler>();
        operations.Add(TRequest.WireType, operation);
        routes.Add(TRequest.WireType, provider => new RequestRoute<TRequest, TReply>(
            operation, provider.GetRequiredService<THandler>()));
        return this;
    }

    public MessageRoutes Notice<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, TNotice>(
        Operation operation)
        where THandler : class, INoticeHandler<TNotice>
        where TNotice : class, INotice
    {
        services.AddSingleton<THandler>();
        operations.Add(TNotice.WireType, operation);
        routes.Add(TNotice.WireType, provider => new NoticeRoute<TNotice>(
            operation, provider.GetRequiredService<THandler>()));
        return this;
    }

    public MessageRoutes Handshake<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, THello>()
        where THandler : class, IHandshakeHandler<THello>
        where THello : class, IMessage
    {
        services.AddSingleton<THandler>();
        operations.Add(THello.WireType, null);
        routes.Add(THello.WireType, provider => new HandshakeRoute<THello>(
            provider.GetRequiredService<THandler>()));
        return this;
    }

    /// <summary>A message whose bytes are parsed by hand because it is on the hot path. It asks for this operation itself.</summary>
    public MessageRoutes Route<TMessage>(Operation operation, Func<IServiceProvider, MessageRoute> route)
        where TMessage : IMessage
    {
        operations.Add(TMessage.WireType, operation);
        routes.Add(TMessage.WireType, route);
        return this;
    }

    public FrozenDictionary<string, MessageRoute> Freeze(IServiceProvider provider) =>
        routes.ToFrozenDictionary(route => route.Key, route => route.Value(provider), StringComparer.Ordinal);
}
