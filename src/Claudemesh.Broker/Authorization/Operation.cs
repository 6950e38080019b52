namespace Claudemesh.Broker.Authorization;

/// <summary>What a caller may ask for; each message and each route names one.</summary>
internal enum Operation
{
    Send,
    Receive,
    Report,
    ReadTopics,
    UseTopics,
    ListPeers,
    ListMembers,
    ChangeOwnPresence,
    OpenSession,
    ReadOwnMessages,
    MarkOwnRead,
    ReadLog,
    AppendLog,
    Invite,
    Moderate,
    AdministerInvites,
    ChangeOwnGrants,
    RenameWorkspace,
    EndWorkspace,
    LeaveWorkspace,
    ReadObjects,
    WriteObjects,
    ManageOwnKeys,
    ReadAudit,

    /// <summary>Making an API key or another secret for one: what is made stays when who made it has gone.</summary>
    MakeOwnKeys,

    /// <summary>What the account is, where it is signed in, which workspaces it has.</summary>
    ReadAccount,

    /// <summary>Its names, and the sessions and tokens that it ends.</summary>
    ChangeAccount,

    /// <summary>What it is signed in with, and whether it is at all.</summary>
    SecureAccount,

    /// <summary>Its devices, its key's records, its vault: of use only to who has its secret.</summary>
    UseAccountKeys,

    /// <summary>Letting another machine become the account, and ways back into it.</summary>
    ApproveDevices,

    /// <summary>Saying of a member that it is the account's, with the member's own proof.</summary>
    ClaimMembers,
}
