using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>The routes of the local API, a table of contents.</summary>
internal static class LocalApi
{
    public static void MapLocalApi(this IEndpointRouteBuilder routes)
    {
        var daemon = routes.ServiceProvider.GetRequiredService<DaemonEndpoints>();
        routes.MapGet(LocalRoutes.Version, DaemonEndpoints.GetVersionAsync);
        routes.MapGet(LocalRoutes.Status, daemon.GetStatusAsync);
        routes.MapGet(LocalRoutes.Logs, daemon.FindLogAsync);
        routes.MapGet(LocalRoutes.Checkup, routes.ServiceProvider.GetRequiredService<CheckupEndpoints>().CheckAsync);
        routes.MapPost(LocalRoutes.Shutdown, daemon.ShutDownAsync);

        var workspaces = routes.ServiceProvider.GetRequiredService<WorkspaceEndpoints>();
        routes.MapGet(LocalRoutes.Workspaces, workspaces.ListAsync);
        routes.MapPost(LocalRoutes.Workspaces, workspaces.CreateAsync);
        routes.MapPost(LocalRoutes.Join, workspaces.JoinAsync);
        routes.MapPost(LocalRoutes.Rename, workspaces.RenameAsync);
        routes.MapPost(LocalRoutes.Leave, workspaces.LeaveAsync);
        routes.MapPost(LocalRoutes.Archive, workspaces.ArchiveAsync);
        routes.MapPost(LocalRoutes.DeleteWorkspace, workspaces.DeleteAsync);
        routes.MapPost(LocalRoutes.Invites, workspaces.InviteAsync);
        routes.MapGet(LocalRoutes.Invites, workspaces.ListInvitesAsync);
        routes.MapDelete(LocalRoutes.Invites + "/{id}", workspaces.RevokeInviteAsync);
        routes.MapGet(LocalRoutes.Peers, workspaces.ListPeersAsync);
        routes.MapGet(LocalRoutes.Members, workspaces.ListMembersAsync);

        routes.MapMembers();
        routes.MapApiKeys();
        routes.MapObjects();

        var sessions = routes.ServiceProvider.GetRequiredService<SessionEndpoints>();
        routes.MapGet(LocalRoutes.Sessions, sessions.ListAsync);
        routes.MapPost(LocalRoutes.Sessions, sessions.OpenAsync);
        routes.MapDelete(LocalRoutes.Sessions + "/{id}", sessions.CloseAsync);
        routes.MapPost(LocalRoutes.SessionLimit, sessions.LimitAsync);

        var messages = routes.ServiceProvider.GetRequiredService<MessageEndpoints>();
        routes.MapPost(LocalRoutes.Send, messages.SendAsync);
        routes.MapGet(LocalRoutes.Inbox, messages.ReadInboxAsync);
        routes.MapDelete(LocalRoutes.Inbox, messages.FlushInboxAsync);
        routes.MapDelete(LocalRoutes.Inbox + "/{id}", messages.DeleteFromInboxAsync);
        routes.MapGet(LocalRoutes.Messages + "/{id}", messages.FindAsync);

        routes.MapTopics();
        routes.MapMe();
        routes.MapAccount();
        routes.MapGet(LocalRoutes.Events, routes.ServiceProvider.GetRequiredService<EventEndpoints>().FollowAsync);
    }

    private static void MapAccount(this IEndpointRouteBuilder routes)
    {
        var account = routes.ServiceProvider.GetRequiredService<AccountEndpoints>();
        routes.MapGet(LocalRoutes.Account, account.ListAsync);
        routes.MapPost(LocalRoutes.Login, account.LogInAsync);
        routes.MapPost(LocalRoutes.LoginByPassword, account.LogInByPasswordAsync);
        routes.MapPost(LocalRoutes.LoginByToken, account.LogInByTokenAsync);
        routes.MapPost(LocalRoutes.SignUp, account.SignUpAsync);
        routes.MapPost(LocalRoutes.Logout, account.LogOutAsync);
        routes.MapGet(LocalRoutes.Devices, account.ListDevicesAsync);
        routes.MapPost(LocalRoutes.DeviceRequest, account.FindRequestAsync);
        routes.MapPost(LocalRoutes.DeviceApprove, account.ApproveAsync);
        routes.MapPost(LocalRoutes.DeviceDeny, account.DenyAsync);
        routes.MapPost(LocalRoutes.DeviceRemove, account.RemoveAsync);
        routes.MapGet(LocalRoutes.Renewal, account.FindRenewalAsync);
        routes.MapPost(LocalRoutes.Renewal, account.AcceptRenewalAsync);
        routes.MapPost(LocalRoutes.RecoveryMake, account.MakeRecoveryAsync);
        routes.MapPost(LocalRoutes.RecoveryKeep, account.KeepRecoveryAsync);
    }

    private static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.ServiceProvider.GetRequiredService<ApiKeyEndpoints>();
        routes.MapPost(LocalRoutes.ApiKeys, keys.CreateAsync);
        routes.MapGet(LocalRoutes.ApiKeys, keys.ListAsync);
        routes.MapDelete(LocalRoutes.ApiKeys + "/{id}", keys.RevokeAsync);
        routes.MapPost(LocalRoutes.ApiKeys + "/{id}/rotate", keys.RotateAsync);
    }

    private static void MapMembers(this IEndpointRouteBuilder routes)
    {
        var moderation = routes.ServiceProvider.GetRequiredService<ModerationEndpoints>();
        routes.MapPost(LocalRoutes.Kick, moderation.KickAsync);
        routes.MapPost(LocalRoutes.Disconnect, moderation.DisconnectAsync);
        routes.MapPost(LocalRoutes.Bans, moderation.BanAsync);
        routes.MapGet(LocalRoutes.Bans, moderation.ListBansAsync);
        routes.MapDelete(LocalRoutes.Bans + "/{peer}", moderation.UnbanAsync);
        routes.MapPost(LocalRoutes.Grants, moderation.ChangeGrantAsync);
        routes.MapGet(LocalRoutes.Grants, moderation.ListGrantsAsync);
        routes.MapPost(LocalRoutes.Reconnect, moderation.ReconnectAsync);

        var members = routes.ServiceProvider.GetRequiredService<MemberEndpoints>();
        routes.MapPost(LocalRoutes.Admit, members.AdmitAsync);
        routes.MapPost(LocalRoutes.ChangeRole, members.ChangeRoleAsync);
        routes.MapPost(LocalRoutes.RemoveMember, members.RemoveAsync);
        routes.MapPost(LocalRoutes.Rotate, members.RotateAsync);
        routes.MapPost(LocalRoutes.Migration, routes.ServiceProvider.GetRequiredService<MigrationEndpoints>().RunAsync);
        routes.MapGet(LocalRoutes.Log, members.ShowLogAsync);
        routes.MapGet(LocalRoutes.LogCheck, members.CheckLogAsync);

        var audit = routes.ServiceProvider.GetRequiredService<AuditEndpoints>();
        routes.MapGet(LocalRoutes.Audit, audit.ReadAsync);
        routes.MapGet(LocalRoutes.AuditCheck, audit.CheckAsync);

        var self = routes.ServiceProvider.GetRequiredService<SelfEndpoints>();
        routes.MapGet(LocalRoutes.Self, self.ReadAsync);
        routes.MapPost(LocalRoutes.Self, self.ChangeAsync);
        routes.MapGet(LocalRoutes.Groups, self.ListGroupsAsync);

        var safety = routes.ServiceProvider.GetRequiredService<SafetyEndpoints>();
        routes.MapGet(LocalRoutes.Safety, safety.ListAsync);
        routes.MapPost(LocalRoutes.Safety, safety.MarkAsync);
    }

    private static void MapMe(this IEndpointRouteBuilder routes)
    {
        var me = routes.ServiceProvider.GetRequiredService<MeEndpoints>();
        routes.MapGet(LocalRoutes.Me, me.ReadAsync);
        routes.MapGet(LocalRoutes.MyTopics, me.ListTopicsAsync);
        routes.MapGet(LocalRoutes.MyActivity, me.ReadActivityAsync);
        routes.MapPost(LocalRoutes.Search, me.SearchAsync);

        var notifications = routes.ServiceProvider.GetRequiredService<NotificationEndpoints>();
        routes.MapGet(LocalRoutes.Notifications, notifications.ListAsync);
        routes.MapPost(LocalRoutes.NotificationsRead, notifications.MarkAsync);
    }

    private static void MapTopics(this IEndpointRouteBuilder routes)
    {
        var topics = routes.ServiceProvider.GetRequiredService<TopicEndpoints>();
        routes.MapGet(LocalRoutes.Topics, topics.ListAsync);
        routes.MapPost(LocalRoutes.Topics, topics.CreateAsync);
        routes.MapPost(LocalRoutes.TopicJoin, topics.JoinAsync);
        routes.MapPost(LocalRoutes.TopicLeave, topics.LeaveAsync);
        routes.MapPost(LocalRoutes.TopicChange, topics.ChangeAsync);
        routes.MapPost(LocalRoutes.TopicRead, topics.ReadAsync);
        routes.MapGet(LocalRoutes.TopicMembers, topics.ListMembersAsync);
        routes.MapPost(LocalRoutes.TopicMembers, topics.ChangeMemberAsync);
        routes.MapGet(LocalRoutes.TopicHistory, topics.ReadHistoryAsync);
    }

    private static void MapObjects(this IEndpointRouteBuilder routes)
    {
        var objects = routes.ServiceProvider.GetRequiredService<ObjectEndpoints>();
        routes.MapGet(LocalRoutes.State, objects.ListStateAsync);
        routes.MapPost(LocalRoutes.State, objects.ChangeStateAsync);
        routes.MapDelete(LocalRoutes.State, objects.DeleteStateAsync);
        routes.MapPost(LocalRoutes.Memories, objects.KeepMemoryAsync);
        routes.MapGet(LocalRoutes.Memories, objects.ListMemoriesAsync);
        routes.MapDelete(LocalRoutes.Memories + "/{id}", objects.ForgetMemoryAsync);
    }
}
