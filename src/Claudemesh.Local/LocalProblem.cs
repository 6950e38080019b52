using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Local;

/// <summary>A refusal of the local API: problem details (RFC 9457) with a stable code and an exit code.</summary>
/// <param name="Error">One of <see cref="LocalErrors"/>, or the broker's own code when the refusal is the broker's.</param>
/// <param name="Detail">One sentence: what, why and what to do.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="ExitCode">What a program that gives up because of this exits with; a number of <see cref="Local.ExitCode"/>.</param>
/// <param name="Candidates">With <see cref="LocalErrors.AmbiguousName"/>: whom the name could mean.</param>
/// <param name="Retryable">Whether the same request can succeed later.</param>
public sealed record LocalProblem(
    string Error,
    string Detail,
    int Status,
    int ExitCode,
    IReadOnlyList<Candidate>? Candidates = null,
    bool Retryable = false)
{
    /// <summary>With <see cref="LocalErrors.RevisionConflict"/>: the value there is now; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Current { get; init; }

    /// <summary>With <see cref="LocalErrors.RevisionConflict"/>: its revision; 0: there has been none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CurrentRevision { get; init; }

    public static LocalProblem Of(string error, string detail, int status, ExitCode exitCode, bool retryable = false) =>
        new(error, detail, status, (int)exitCode, null, retryable);
}

/// <summary>Someone an ambiguous name could mean.</summary>
/// <param name="Address">The key, which <c>send</c> takes without doubt.</param>
public sealed record Candidate(string Workspace, string Name, string Address, string Kind);

/// <summary>The codes of the daemon's own refusals; programs compare these.</summary>
public static class LocalErrors
{
    /// <summary>Nobody answers at the socket. Made by the client; the daemon never says it.</summary>
    public const string DaemonUnreachable = "daemon_unreachable";

    /// <summary>What answered did not speak this API. Made by the client.</summary>
    public const string BadReply = "bad_reply";

    /// <summary>The daemon's folder cannot be written, or is somebody else's. Made by the client.</summary>
    public const string HomeUnusable = "home_unusable";

    public const string SocketPathTooLong = "socket_path_too_long";
    public const string InvalidRequest = "invalid_request";
    public const string PayloadTooLarge = "payload_too_large";
    public const string RouteNotFound = "route_not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string Forbidden = "forbidden";
    public const string Internal = "internal";

    /// <summary>The daemon's disk takes no writes.</summary>
    public const string DiskFull = "disk_full";

    public const string Stopping = "daemon_stopping";
    public const string TooManyRequests = "too_many_requests";

    public const string WorkspaceNotFound = "workspace_not_found";
    public const string WorkspaceRequired = "workspace_required";
    public const string WorkspaceExists = "workspace_exists";
    public const string NoWorkspace = "no_workspace";
    public const string InvalidInvite = "invalid_invite";
    public const string BrokerUnreachable = "broker_unreachable";
    public const string BrokerRefused = "broker_refused";

    /// <summary>The broker does not believe what a clock this wrong has signed; its own code.</summary>
    public const string WrongClock = "timestamp_skew";

    /// <summary>An admin took this daemon off the workspace.</summary>
    public const string Kicked = "kicked";

    /// <summary>This member was removed from the workspace.</summary>
    public const string Removed = "removed";

    public const string RecipientNotFound = "recipient_not_found";
    public const string AmbiguousName = "ambiguous_name";
    public const string RecipientIsSelf = "recipient_is_self";
    public const string NoRecipients = "no_recipients";
    public const string UnsafeRecipient = "unsafe_recipient";
    public const string GroupNotFound = "group_not_found";
    public const string SessionNotFound = "session_not_found";

    /// <summary>The session has been given less than its person has, and this is not in it.</summary>
    public const string SessionLimited = "session_limited";
    public const string IdempotencyConflict = "idempotency_conflict";
    public const string OutboxFull = "outbox_full";
    public const string MessageNotFound = "message_not_found";
    public const string StateNotFound = "state_not_found";
    public const string MemoryNotFound = "memory_not_found";
    public const string ApiKeyNotFound = "api_key_not_found";

    /// <summary>A value has another revision than was named; the broker's own code.</summary>
    public const string RevisionConflict = "revision_conflict";

    /// <summary>No such topic, or none that this person may know of.</summary>
    public const string TopicNotFound = "topic_not_found";
    public const string TopicNotJoined = "topic_not_joined";
    public const string TopicArchived = "topic_archived";

    /// <summary>An observer does not post.</summary>
    public const string TopicObserver = "topic_observer";
    public const string PostNotFound = "post_not_found";

    /// <summary>The broker shows another log than the one that was signed. Nothing is sent in that scope until a person has looked into it.</summary>
    public const string LogForked = "log_forked";

    public const string LogWithheld = "log_withheld";

    /// <summary>Somebody else appended first; the broker's own code.</summary>
    public const string LogMoved = "log_moved";

    /// <summary>The audit chain is another one than was seen, or not sound in itself.</summary>
    public const string AuditBroken = "audit_broken";

    /// <summary>This member waits to be admitted.</summary>
    public const string NotAdmitted = "not_admitted";

    /// <summary>The scope has no root key yet, or this daemon has no copy of it.</summary>
    public const string NoKeyYet = "no_key_yet";

    /// <summary>No account is signed in to here.</summary>
    public const string NotLoggedIn = "not_logged_in";

    /// <summary>This machine is signed in to an account there already.</summary>
    public const string LoggedInAlready = "logged_in_already";

    /// <summary>The broker has ended this machine's session.</summary>
    public const string SignedOut = "signed_out";

    /// <summary>The system's keychain does not give the account's secret out.</summary>
    public const string AccountLocked = "account_locked";

    /// <summary>The broker knows no accounts.</summary>
    public const string NoAccounts = "no_accounts";

    /// <summary>Several brokers have an account here.</summary>
    public const string BrokerRequired = "broker_required";

    /// <summary>What the broker gave was not written by a device of the account: nothing was kept.</summary>
    public const string NotApproved = "not_approved";

    /// <summary>Its person has said no.</summary>
    public const string LoginDenied = "login_denied";

    /// <summary>Nobody has said yes in time.</summary>
    public const string LoginExpired = "login_expired";

    /// <summary>The broker shows another account than the one that this machine belongs to.</summary>
    public const string AnotherAccount = "another_account";

    /// <summary>The account has a secret, and it is on other devices.</summary>
    public const string ApprovalNeeded = "approval_needed";

    /// <summary>The password needs a code beside it.</summary>
    public const string SecondFactorNeeded = "second_factor_needed";

    /// <summary>The broker wants its person to prove himself anew; its own code.</summary>
    public const string NotFresh = "fresh_authentication_required";

    /// <summary>Done, it would leave nothing that opens the account.</summary>
    public const string LastWayIn = "last_way_in";

    public const string DeviceNotFound = "device_not_found";
    public const string NoRenewal = "no_renewal";
}

/// <summary>Either what was asked for or why not; never both, never neither.</summary>
public readonly record struct LocalReply<T>
    where T : class
{
    private LocalReply(T? value, LocalProblem? problem)
    {
        Value = value;
        Problem = problem;
    }

    public T? Value { get; }

    public LocalProblem? Problem { get; }

    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Value))]
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Value is not null;

    public static implicit operator LocalReply<T>(T value) => new(value, null);

    public static implicit operator LocalReply<T>(LocalProblem problem) => new(null, problem);
}
