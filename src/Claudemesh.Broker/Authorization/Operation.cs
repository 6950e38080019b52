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
}
