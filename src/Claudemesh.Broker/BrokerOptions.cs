using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker;

/// <summary>Hands an operator's settings to the capabilities' options, which are checked when the broker starts.</summary>
internal static class BrokerOptions
{
    public static void AddBrokerOptions(this IServiceCollection services, BrokerSettings settings)
    {
        services.AddSingleton<IValidateOptions<SocketOptions>, SocketOptionsValidator>();
        services.AddSingleton<IValidateOptions<MessagingOptions>, MessagingOptionsValidator>();
        services.AddSingleton<IValidateOptions<RestOptions>, RestOptionsValidator>();
        services.AddOptionsWithValidateOnStart<RestOptions>().Configure(options =>
        {
            options.RequestsPerSecond = settings.Limits.KeyRequestsPerSecond;
            options.RequestsBurst = settings.Limits.KeyRequestsAtOnce;
            options.StreamsPerKey = settings.Limits.StreamsPerKey;
            options.StreamsPerAddress = settings.Limits.StreamsPerAddress;
        });
        services.AddOptionsWithValidateOnStart<SocketOptions>().Configure(options =>
        {
            options.AcceptLegacyHello = settings.AcceptLegacyHello;
            options.ConnectionsPerWorkspaceMax = settings.Limits.WorkspaceConnections;
            foreach (string origin in settings.AllowedOrigins)
                options.AllowedOrigins.Add(origin);
        });
        services.AddOptionsWithValidateOnStart<MessagingOptions>().Configure(options =>
        {
            options.BodyBytesMax = settings.Limits.MessageBytes;
            options.SendsPerSecond = settings.Limits.SendsPerSecond;
            options.SendsBurst = settings.Limits.SendsAtOnce;
        });
        services.AddSingleton(new DeliveryBounds
        {
            WaitingMax = settings.Limits.MailboxMessages,
            WaitingPerSenderMax = settings.Limits.MailboxMessagesPerSender,
            WaitingBytesMax = settings.Limits.MailboxBytes,
            RecipientsMax = settings.Limits.GroupRecipients,
        });
        services.AddSingleton(new ObjectBounds { CountMax = settings.Limits.Objects, BytesMax = settings.Limits.ObjectBytes });
        services.Configure<WorkspaceOptions>(options => options.Creation = settings.Creation);
    }
}

[OptionsValidator]
internal sealed partial class SocketOptionsValidator : IValidateOptions<SocketOptions>;

[OptionsValidator]
internal sealed partial class MessagingOptionsValidator : IValidateOptions<MessagingOptions>;

[OptionsValidator]
internal sealed partial class RestOptionsValidator : IValidateOptions<RestOptions>;
