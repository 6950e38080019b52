using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary>The table of contents: every verb, in the order in which help lists them.</summary>
internal static class AllVerbs
{
    public static Verb Declare(Surroundings around)
    {
        var root = new Verb("claudemesh", "messages between AI coding sessions and the people who run them")
        {
            Examples = ["new acme", "invite", "send mou \"the schema changed\"", "inbox --unread"],
        };
        foreach (Verb verb in (Verb[])[.. Everyday(around), .. Governing(around), .. Machine(around)])
            root.Subcommands.Add(verb);
        return root;
    }

    /// <summary>Who one is, where, and what one says and reads there.</summary>
    private static Verb[] Everyday(Surroundings around) =>
    [
        LoginVerb.Declare(around),
        SignUpVerb.Declare(around),
        WhoAmIVerb.Declare(around),
        LogoutVerb.Declare(around),
        Device(around),
        Recovery(around),
        NewVerb.Declare(around),
        JoinVerb.Declare(around),
        InviteVerb.Declare(around),
        ListVerb.Declare(around),
        PeersVerb.Declare(around),
        SendVerb.Declare(around),
        InboxVerb.Declare(around),
        Topic(around),
        StreamVerb.Declare(around),
        MeVerb.Declare(around),
        Notification(around),
        MsgStatusVerb.Declare(around),
        ObjectVerbs.State(around),
        RememberVerb.Declare(around),
        RecallVerb.Declare(around),
        ForgetVerb.Declare(around),
        ObjectVerbs.Memory(around),
        VerifyVerb.Declare(around),
        StatusVerb.Declare(around),
        SummaryVerb.Declare(around),
        VisibleVerb.Declare(around),
        ProfileVerb.Declare(around),
        Group(around),
    ];

    /// <summary>Who may be there and do what.</summary>
    private static Verb[] Governing(Surroundings around) =>
    [
        Member(around),
        RotateVerb.Declare(around),
        MigrateIdentityVerb.Declare(around),
        Log(around),
        KickVerb.Declare(around),
        DisconnectVerb.Declare(around),
        BanVerb.Declare(around),
        UnbanVerb.Declare(around),
        BansVerb.Declare(around),
        BlockVerb.Declare(around),
        UnblockVerb.Declare(around),
        GrantVerb.Declare(around),
        RevokeVerb.Declare(around),
        GrantsVerb.Declare(around),
        ApiKey(around),
        RenameVerb.Declare(around),
        LeaveVerb.Declare(around),
        WorkspaceVerbs.Declare(around),
        Audit(around),
        Session(around),
    ];

    /// <summary>The programs on this machine.</summary>
    private static Verb[] Machine(Surroundings around) =>
    [
        Daemon(around),
        McpVerb.Declare(around),
        InstallVerb.Declare(around),
        UninstallVerb.Declare(around),
        DoctorVerb.Declare(around),
        SupportBundleVerb.Declare(around),
        CompletionsVerb.Declare(around),
        ManVerb.Declare(around),
        VersionVerb.Declare(around),
        CompleteVerb.Declare(around),
    ];

    private static Verb Device(Surroundings around) => new("device", "Devices: the machines and browsers that are you.")
    {
        Subcommands =
        {
            DeviceListVerb.Declare(around),
            DeviceApproveVerb.Declare(around),
            DeviceDenyVerb.Declare(around),
            DeviceRemoveVerb.Declare(around),
            DeviceAcceptRenewalVerb.Declare(around),
        },
    };

    private static Verb Recovery(Surroundings around) => new("recovery", "The recovery key: opens your account when every device is gone.")
    {
        Subcommands =
        {
            RecoveryNewVerb.Declare(around),
            RecoveryUseVerb.Declare(around),
        },
    };

    private static Verb Topic(Surroundings around) => new("topic", "Topics: conversations that whoever is in them can read from their beginning.")
    {
        Subcommands =
        {
            TopicCreateVerb.Declare(around),
            TopicListVerb.Declare(around),
            TopicJoinVerb.Declare(around),
            TopicLeaveVerb.Declare(around),
            TopicMembersVerb.Declare(around),
            TopicHistoryVerb.Declare(around),
            TopicTailVerb.Declare(around),
            TopicPostVerb.Declare(around),
            TopicReadVerb.Declare(around),
            TopicRenameVerb.Declare(around),
            TopicDescribeVerb.Declare(around),
            TopicRetainVerb.Declare(around),
            TopicPolicyVerb.Declare(around),
            TopicArchiveVerb.Declare(around),
            TopicUnarchiveVerb.Declare(around),
            TopicAdmitVerb.Declare(around),
            TopicRoleVerb.Declare(around),
            TopicRemoveVerb.Declare(around),
        },
    };

    private static Verb Notification(Surroundings around) => new("notification", "Notifications: posts that mention you.")
    {
        Subcommands =
        {
            NotificationListVerb.Declare(around, "list", "notification"),
            NotificationReadVerb.Declare(around),
        },
    };

    private static Verb Member(Surroundings around) => new("member", "Members: who is in a workspace by its signed log, and with which role.")
    {
        Subcommands =
        {
            MemberListVerb.Declare(around),
            MemberAdmitVerb.Declare(around),
            MemberRoleVerb.Declare(around),
            MemberRemoveVerb.Declare(around),
            BanVerb.Declare(around),
        },
    };

    private static Verb ApiKey(Surroundings around) => new("apikey", "API keys: with one a script or a phone acts as you over REST, within the bounds that you give it.")
    {
        Subcommands =
        {
            ApiKeyCreateVerb.Declare(around),
            ApiKeyListVerb.Declare(around),
            ApiKeyRevokeVerb.Declare(around),
            ApiKeyRotateVerb.Declare(around),
        },
    };

    private static Verb Log(Surroundings around) => new("log", "The signed log of a workspace: who let whom in, who may do what, which key is current.")
    {
        Subcommands =
        {
            LogShowVerb.Declare(around),
            LogVerifyVerb.Declare(around),
        },
    };

    private static Verb Audit(Surroundings around) => new("audit", "What was done in a workspace and by whom, as a chain that shows when it was changed.")
    {
        Subcommands =
        {
            AuditTailVerb.Declare(around),
            AuditVerifyVerb.Declare(around),
        },
    };

    private static Verb Session(Surroundings around) => new("session", "Your open sessions, and what each of them may do.")
    {
        Subcommands =
        {
            SessionListVerb.Declare(around),
            SessionLimitVerb.Declare(around),
        },
    };

    private static Verb Group(Surroundings around) => new("group", "Groups: addresses that several members share.")
    {
        Subcommands =
        {
            GroupListVerb.Declare(around),
            GroupJoinVerb.Declare(around),
            GroupLeaveVerb.Declare(around),
        },
    };

    private static Verb Daemon(Surroundings around) => new("daemon", "Your own daemon: the process that holds keys, outbox and inbox. Verbs start it when they need it.")
    {
        IsAboutDaemon = true,
        Subcommands =
        {
            DaemonUpVerb.Declare(around),
            DaemonDownVerb.Declare(around),
            DaemonReconnectVerb.Declare(around),
            DaemonStatusVerb.Declare(around),
            DaemonLogsVerb.Declare(around),
            DaemonInstallServiceVerb.Declare(around),
            DaemonUninstallServiceVerb.Declare(around),
        },
    };
}
