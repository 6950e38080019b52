using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Oidc;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker;

/// <summary>What an operator decides when a broker is started.</summary>
public sealed record BrokerSettings
{
    /// <summary>Where the one database file is kept, unless there is a <see cref="Database"/>. Made, for its owner's eyes only, if it is not there.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The PostgreSQL database to use in place of the file; null: the file.</summary>
    public PostgresAddress? Database { get; init; }

    /// <summary>Where to listen, such as <c>http://127.0.0.1:7900</c>; port 0 lets the system choose.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["http://127.0.0.1:7900"];

    /// <summary>The address that people and links use, such as <c>https://mesh.example.org</c>; null: where it listens, by a name.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Who may make an account, once there is one.</summary>
    public SignUpRule SignUp { get; init; } = SignUpRule.Invite;

    /// <summary>Where mail is handed in; null: none is sent, and links are shown to who asks for them.</summary>
    public MailServer? Mail { get; init; }

    /// <summary>Who vouches for people beside the broker; null: nobody.</summary>
    public OidcProvider? Oidc { get; init; }

    /// <summary>Whether access tokens are signed with a new key from this start on, as when the old one may have been seen.</summary>
    public bool RotateTokenKeys { get; init; }

    /// <summary>Whether 1.x clients may say hello.</summary>
    public bool AcceptLegacyHello { get; init; } = true;

    /// <summary>Whether whoever reaches the broker may make a workspace.</summary>
    public Workspaces.WorkspaceCreation Creation { get; init; }

    /// <summary>Origins besides the broker's own whose pages may connect.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    public BrokerLimits Limits { get; init; } = new();

    /// <summary>How long a started stop may take before what is left is cut.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
