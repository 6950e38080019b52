namespace Claudemesh.Local;

/// <summary>The doors of the local API. A socket of one workspace serves the same routes, limited to that workspace.</summary>
public static class LocalRoutes
{
    /// <summary>GET → <see cref="DaemonVersion"/>. Answers as soon as the daemon is ready.</summary>
    public const string Version = "/v1/version";

    /// <summary>GET → <see cref="DaemonStatus"/>.</summary>
    public const string Status = "/v1/status";

    /// <summary>GET <c>?workspace</c> → <see cref="Local.Checkup"/>. Asks every broker, so it may take some seconds.</summary>
    public const string Checkup = "/v1/checkup";

    /// <summary>GET → <see cref="WorkspaceList"/>; POST <see cref="CreateWorkspace"/> → <see cref="Workspace"/>, 201.</summary>
    public const string Workspaces = "/v1/workspaces";

    /// <summary>POST <see cref="JoinWorkspace"/> → <see cref="Workspace"/>, 201.</summary>
    public const string Join = "/v1/workspaces/join";

    /// <summary>
    /// POST <see cref="CreateInvite"/> → <see cref="Invite"/>, 201; GET <c>?workspace</c> → <see cref="InviteList"/>; DELETE
    /// <c>/v1/invites/{id}?workspace</c> → <see cref="RevokedInvite"/>.
    /// </summary>
    public const string Invites = "/v1/invites";

    /// <summary>
    /// POST <see cref="CreateApiKey"/> → <see cref="MadeApiKey"/>, 201; GET <c>?workspace</c> → <see cref="Local.ApiKeyListing"/>; DELETE
    /// <c>/v1/api-keys/{id}?workspace</c> → <see cref="RevokedApiKey"/>; POST <c>/v1/api-keys/{id}/rotate?workspace</c> → <see cref="RotatedApiKey"/>.
    /// </summary>
    public const string ApiKeys = "/v1/api-keys";

    /// <summary>POST <see cref="RenameWorkspace"/> → <see cref="Workspace"/>.</summary>
    public const string Rename = "/v1/workspaces/rename";

    /// <summary>POST <see cref="LeaveWorkspace"/> → <see cref="LeftWorkspace"/>.</summary>
    public const string Leave = "/v1/workspaces/leave";

    /// <summary>POST <see cref="ArchiveWorkspace"/> → <see cref="Workspace"/>.</summary>
    public const string Archive = "/v1/workspaces/archive";

    /// <summary>POST <see cref="Local.DeleteWorkspace"/> → <see cref="LeftWorkspace"/>.</summary>
    public const string DeleteWorkspace = "/v1/workspaces/delete";

    /// <summary>
    /// GET <c>?workspace&amp;limit&amp;after&amp;wait_seconds</c> → <see cref="AuditListing"/>. With <c>after</c> what follows that entry, otherwise the newest. Where
    /// nothing follows yet it waits that long for something to.
    /// </summary>
    public const string Audit = "/v1/audit";

    /// <summary>GET <c>?workspace</c> → <see cref="Local.AuditCheck"/>. Reads all of it.</summary>
    public const string AuditCheck = "/v1/audit/check";

    /// <summary>POST <see cref="TakeOff"/> → <see cref="TakenOff"/>.</summary>
    public const string Kick = "/v1/kick";

    /// <summary>POST <see cref="TakeOff"/> → <see cref="TakenOff"/>.</summary>
    public const string Disconnect = "/v1/disconnect";

    /// <summary>
    /// POST <see cref="BanMember"/> → <see cref="BannedMember"/>; GET <c>?workspace</c> → <see cref="BanList"/>; DELETE
    /// <c>/v1/bans/{peer}?workspace</c> → <see cref="BannedMember"/>.
    /// </summary>
    public const string Bans = "/v1/bans";

    /// <summary>POST <see cref="ChangeGrant"/> → <see cref="PeerGrant"/>; GET <c>?workspace</c> → <see cref="GrantList"/>.</summary>
    public const string Grants = "/v1/grants";

    /// <summary>POST <see cref="Local.Reconnect"/> → <see cref="Reconnected"/>.</summary>
    public const string Reconnect = "/v1/reconnect";

    /// <summary>GET <c>?workspace</c> → <see cref="PeerList"/>.</summary>
    public const string Peers = "/v1/peers";

    /// <summary>GET <c>?workspace</c> → <see cref="MemberList"/>.</summary>
    public const string Members = "/v1/members";

    /// <summary>POST <see cref="AdmitMember"/> → <see cref="ChangedMember"/>.</summary>
    public const string Admit = "/v1/members/admit";

    /// <summary>POST <see cref="Local.ChangeRole"/> → <see cref="ChangedMember"/>.</summary>
    public const string ChangeRole = "/v1/members/role";

    /// <summary>POST <see cref="RemoveMember"/> → <see cref="ChangedMember"/>.</summary>
    public const string RemoveMember = "/v1/members/remove";

    /// <summary>POST <see cref="RotateKeys"/> → <see cref="RotatedKeys"/>.</summary>
    public const string Rotate = "/v1/rotate";

    /// <summary>POST <see cref="MigrateIdentity"/> → <see cref="MigrationReport"/>. Only at the socket of all workspaces.</summary>
    public const string Migration = "/v1/migration";

    /// <summary>GET <c>?workspace</c> → <see cref="LogListing"/>.</summary>
    public const string Log = "/v1/log";

    /// <summary>GET <c>?workspace</c> → <see cref="Local.LogCheck"/>.</summary>
    public const string LogCheck = "/v1/log/check";

    /// <summary>
    /// GET <c>?workspace&amp;session&amp;member&amp;caller</c>, as <see cref="WhoAmI"/> has them → <see cref="SelfList"/>; POST <see cref="ChangeSelf"/> → <see cref="Local.Self"/>.
    /// </summary>
    public const string Self = "/v1/self";

    /// <summary>GET <c>?workspace</c> → <see cref="GroupList"/>.</summary>
    public const string Groups = "/v1/groups";

    /// <summary>GET <c>?workspace&amp;peer</c> → <see cref="SafetyList"/>; POST <see cref="MarkVerified"/> → <see cref="SafetyList"/> of one.</summary>
    public const string Safety = "/v1/safety";

    /// <summary>
    /// GET <c>?workspace&amp;key</c> → <see cref="SharedStateList"/>; POST <see cref="ChangeState"/> → <see cref="SharedState"/>; DELETE
    /// <c>?workspace&amp;key&amp;if_revision</c> → <see cref="SharedState"/>.
    /// </summary>
    public const string State = "/v1/state";

    /// <summary>
    /// POST <see cref="KeepMemory"/> → <see cref="Memory"/>; GET <c>?workspace&amp;q&amp;tag&amp;limit</c> → <see cref="MemoryList"/>; DELETE
    /// <c>/v1/memories/{id}?workspace</c> → <see cref="ForgottenMemory"/>.
    /// </summary>
    public const string Memories = "/v1/memories";

    /// <summary>POST <see cref="SendMessage"/> → <see cref="SendResult"/>, 202 when new, 200 when the same was sent before.</summary>
    public const string Send = "/v1/send";

    /// <summary>
    /// GET <c>?workspace&amp;from&amp;unread&amp;limit&amp;after&amp;mark_seen</c> → <see cref="InboxPage"/>.
    /// DELETE <c>?workspace</c> and <c>from</c>, <c>before</c> or both, or <c>all=true</c> → <see cref="InboxRemoved"/>; DELETE <c>/v1/inbox/{id}</c> → the same.
    /// </summary>
    public const string Inbox = "/v1/inbox";

    /// <summary>GET <c>/v1/messages/{id}</c> → <see cref="MessageStatus"/>.</summary>
    public const string Messages = "/v1/messages";

    /// <summary>
    /// GET <c>?workspace&amp;session</c>, <c>Last-Event-ID</c> → server-sent events, see <see cref="LocalEvent"/>. With the id of an open session: only the
    /// messages that are to be put before it (to it or to its member; not its own, not <c>low</c>, not unreadable ones). It ends when that session is closed.
    /// With <c>topic</c>, which may be given several times: these topics' posts, whose sequences are then the ids, the state of their connections, and
    /// <see cref="EventKinds.Current"/>; <c>Last-Event-ID</c> may then be the id of a post, too. With <c>posts=true</c>: the same of all topics.
    /// </summary>
    public const string Events = "/v1/events";

    /// <summary>GET <c>?workspace&amp;archived</c> → <see cref="ListedTopics"/>; POST <see cref="CreateTopic"/> → <see cref="CreatedTopic"/>, 201.</summary>
    public const string Topics = "/v1/topics";

    /// <summary>POST <see cref="JoinTopic"/> → <see cref="Topic"/>.</summary>
    public const string TopicJoin = "/v1/topics/join";

    /// <summary>POST <see cref="LeaveTopic"/> → <see cref="LeftTopic"/>.</summary>
    public const string TopicLeave = "/v1/topics/leave";

    /// <summary>POST <see cref="ChangeTopic"/> → <see cref="Topic"/>.</summary>
    public const string TopicChange = "/v1/topics/change";

    /// <summary>POST <see cref="ReadTopic"/> → <see cref="Topic"/>.</summary>
    public const string TopicRead = "/v1/topics/read";

    /// <summary>
    /// GET <c>?topic&amp;workspace</c> → <see cref="TopicPeople"/>; POST <see cref="ChangeTopicMember"/> → <see cref="TopicMemberChanged"/>.
    /// </summary>
    public const string TopicMembers = "/v1/topics/members";

    /// <summary>GET <c>?topic&amp;workspace&amp;limit&amp;before</c> → <see cref="PostPage"/>.</summary>
    public const string TopicHistory = "/v1/topics/history";

    /// <summary>GET <c>?workspace</c> → <see cref="MyOverview"/>.</summary>
    public const string Me = "/v1/me";

    /// <summary>GET <c>?workspace</c> → <see cref="MyTopicList"/>.</summary>
    public const string MyTopics = "/v1/me/topics";

    /// <summary>GET <c>?workspace&amp;since&amp;limit</c> → <see cref="Local.MyActivity"/>; since is a time in ISO 8601, a day ago where it is left out.</summary>
    public const string MyActivity = "/v1/me/activity";

    /// <summary>GET <c>?workspace&amp;unread&amp;since&amp;limit</c> → <see cref="MyNotificationList"/>.</summary>
    public const string Notifications = "/v1/notifications";

    /// <summary>POST <see cref="MarkNotifications"/> → <see cref="MarkedNotifications"/>.</summary>
    public const string NotificationsRead = "/v1/notifications/read";

    /// <summary>POST <see cref="SearchMessages"/> → <see cref="SearchResult"/>. Changes nothing; words have no place in a path.</summary>
    public const string Search = "/v1/search";

    /// <summary>POST <see cref="OpenSession"/> → <see cref="Session"/>, 201; GET → <see cref="SessionList"/>; DELETE <c>/v1/sessions/{id}</c>.</summary>
    public const string Sessions = "/v1/sessions";

    /// <summary>GET <c>?ask</c> → <see cref="AccountList"/>. Changes nothing, whatever a broker says.</summary>
    public const string Account = "/v1/account";

    /// <summary>POST <see cref="StartLogin"/> → server-sent events, see <see cref="LoginStep"/>. Closing the connection cancels the login.</summary>
    public const string Login = "/v1/account/login";

    /// <summary>POST <see cref="PasswordLogin"/> → <see cref="LoggedIn"/>.</summary>
    public const string LoginByPassword = "/v1/account/login/password";

    /// <summary>POST <see cref="TokenLogin"/> → <see cref="LoggedIn"/>.</summary>
    public const string LoginByToken = "/v1/account/login/token";

    /// <summary>POST <see cref="Local.SignUp"/> → <see cref="LoggedIn"/>.</summary>
    public const string SignUp = "/v1/account/sign-up";

    /// <summary>POST <see cref="Local.Logout"/> → <see cref="LoggedOut"/>.</summary>
    public const string Logout = "/v1/account/logout";

    /// <summary>GET <c>?broker</c> → <see cref="DeviceList"/>.</summary>
    public const string Devices = "/v1/account/devices";

    /// <summary>POST <see cref="DenyDevice"/> → <see cref="Local.DeviceRequest"/>. Changes nothing; a link has no place in a path.</summary>
    public const string DeviceRequest = "/v1/account/devices/request";

    /// <summary>POST <see cref="ApproveDevice"/> → <see cref="DeviceDecision"/>.</summary>
    public const string DeviceApprove = "/v1/account/devices/approve";

    /// <summary>POST <see cref="DenyDevice"/> → <see cref="DeviceDecision"/>.</summary>
    public const string DeviceDeny = "/v1/account/devices/deny";

    /// <summary>POST <see cref="RemoveDevice"/> → <see cref="RemovedDevice"/>.</summary>
    public const string DeviceRemove = "/v1/account/devices/remove";

    /// <summary>GET <c>?broker</c> → <see cref="RenewalOffer"/>; POST <see cref="AcceptRenewal"/> → <see cref="AcceptedRenewal"/>.</summary>
    public const string Renewal = "/v1/account/renewal";

    /// <summary>POST <see cref="MakeRecovery"/> → <see cref="MadeRecovery"/>. Nothing is kept of it.</summary>
    public const string RecoveryMake = "/v1/account/recovery/make";

    /// <summary>POST <see cref="KeepRecovery"/> → <see cref="KeptRecovery"/>.</summary>
    public const string RecoveryKeep = "/v1/account/recovery";

    /// <summary>POST <see cref="LimitSession"/> → <see cref="Session"/>.</summary>
    public const string SessionLimit = "/v1/sessions/limit";

    /// <summary>GET → <see cref="LogLocation"/>.</summary>
    public const string Logs = "/v1/logs";

    /// <summary>POST → <see cref="Stopping"/>, 202. Only at the socket of all workspaces.</summary>
    public const string Shutdown = "/v1/shutdown";
}

/// <summary>The bounds of the local API.</summary>
public static class LocalLimits
{
    /// <summary>The longest request body, in bytes.</summary>
    public const int BodyBytesMax = 256 * 1024;

    /// <summary>The longest text of one message, in UTF-8 bytes: what fits a broker's smallest body once sealed and in base64.</summary>
    public const int TextBytesMax = 44 * 1024;

    /// <summary>The most items in one page of the inbox.</summary>
    public const int InboxPageMax = 1000;

    public const int InboxPageDefault = 100;

    /// <summary>The most posts in one page of a topic.</summary>
    public const int PostPageMax = 200;

    public const int PostPageDefault = 20;

    /// <summary>The most names that one post mentions.</summary>
    public const int MentionsMax = 16;

    /// <summary>The fewest characters of a post's id by which it can be named.</summary>
    public const int PostPrefixMin = 6;

    /// <summary>The most topics that one reader of events names; all of them need no names.</summary>
    public const int FollowedTopicsMax = 64;

    public const int TopicRetentionDaysMax = 3650;

    /// <summary>The longest value or memory, in UTF-8 bytes: what fits a request however it is escaped.</summary>
    public const int KeptBytesMax = 120 * 1024;

    /// <summary>The most values that one listing of state has.</summary>
    public const int StatesMax = 10_000;

    /// <summary>The most memories that one search or listing has.</summary>
    public const int MemoriesMax = 1000;

    public const int MemoriesDefault = 20;

    /// <summary>The most messages that one search finds.</summary>
    public const int FoundMax = 200;

    public const int FoundDefault = 20;

    /// <summary>The longest query of a search, in characters.</summary>
    public const int QueryCharsMax = 4096;

    /// <summary>The longest wait for a state that one request may ask for.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(10);
}
