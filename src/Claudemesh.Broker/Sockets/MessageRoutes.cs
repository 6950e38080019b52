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

    public IReadOnlyCollection<string> WireTypes => routes.Keys;

    public MessageRoutes Handle<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, TRequest, TReply>(
        Operation operation)
        where THandler : class, IRequestHandler<TRequest, TReply>
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage
    {
        services.AddSingleton<THandler>();
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
        routes.Add(TNotice.WireType, provider => new NoticeRoute<TNotice>(
            operation, provider.GetRequiredService<THandler>()));
        return this;
    }

    public MessageRoutes Handshake<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, THello>()
        where THandler : class, IHandshakeHandler<THello>
        where THello : class, IMessage
    {
        services.AddSingleton<THandler>();
        routes.Add(THello.WireType, provider => new HandshakeRoute<THello>(
            provider.GetRequiredService<THandler>()));
        return this;
    }

    /// <summary>A message whose bytes are parsed by hand because it is on the hot path.</summary>
    public MessageRoutes Route<TMessage>(Func<IServiceProvider, MessageRoute> route)
        where TMessage : IMessage
    {
        routes.Add(TMessage.WireType, route);
        return this;
    }

    public FrozenDictionary<string, MessageRoute> Freeze(IServiceProvider provider) =>
        routes.ToFrozenDictionary(route => route.Key, route => route.Value(provider), StringComparer.Ordinal);
}
