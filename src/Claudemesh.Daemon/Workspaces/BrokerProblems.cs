using Claudemesh.Local;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Passes a broker's refusals on to the local API under their own codes.</summary>
internal static class BrokerProblems
{
    /// <param name="why">As sentences.</param>
    public static LocalProblem Unreachable(string broker, string why) =>
        LocalProblem.Of(LocalErrors.BrokerUnreachable, $"The broker {broker} cannot be reached. {why}", 503, ExitCode.Network, retryable: true);

    /// <summary>What is signed by a clock that is wrong is not believed, so this is a matter of proving who one is, not of the network.</summary>
    public static LocalProblem WrongClock(string broker, string why) =>
        LocalProblem.Of(LocalErrors.WrongClock, $"The broker {broker} does not let this machine in. {why}", 503, ExitCode.Auth, retryable: true);

    /// <param name="message">The broker's own sentence; shown to the person as the broker's word.</param>
    public static LocalProblem Refused(string code, string message) => code switch
    {
        "" => LocalProblem.Of(LocalErrors.BrokerRefused, $"The broker refused: {message}", 502, ExitCode.Internal),
        "ambiguous_target" => LocalProblem.Of(code, message, 409, ExitCode.BadArguments),
        "own_grant" => LocalProblem.Of(code, message, 400, ExitCode.BadArguments),
        "revision_conflict" => LocalProblem.Of(code, message, 409, ExitCode.Exists),
        "stale_epoch" => LocalProblem.Of(code, message, 409, ExitCode.Network, retryable: true),
        "object_quota" or "encryption_required" or "api_key_exceeds_issuer" or "too_many_api_keys" => LocalProblem.Of(code, message, 403, ExitCode.Denied),
        "payload_too_large" => LocalProblem.Of(code, message, 413, ExitCode.BadArguments),
        "topic_archived" or "topic_read_only" or "topic_lead_only" or "topic_limit" or "joined_topic_limit" or "general_stays" or "forbidden" or "owner_must_stay" or "mesh_archived" or "creation_closed" or "member_removed" => LocalProblem.Of(code, message, 403, ExitCode.Denied),
        "unauthorized" or "revoked" or "bad_signature" or LocalErrors.WrongClock => LocalProblem.Of(code, message, 401, ExitCode.Auth),
        "topic_name_taken" or "topic_id_taken" or "mesh_id_taken" or "slug_unavailable" or "invite_exists" => LocalProblem.Of(code, message, 409, ExitCode.Exists),
        LocalErrors.LogMoved => LocalProblem.Of(code, message, 409, ExitCode.Network, retryable: true),
        "workspace_ended" or "topic_not_found" or "mesh_not_found" or "invite_not_found" or "not_found" => LocalProblem.Of(code, message, 404, ExitCode.NotFound),
        "mail_absent" or "not_confirmed" or "reply_elsewhere" or "cursor_elsewhere" or "topic_needs_log" or "topic_has_log" => LocalProblem.Of(code, message, 400, ExitCode.BadArguments),
        "invite_mail_rate" or "internal" or "unavailable" or "rate_limit" or "capacity" => LocalProblem.Of(code, message, 503, ExitCode.Network, retryable: true),
        _ when code.StartsWith("invite_", StringComparison.Ordinal) => LocalProblem.Of(code, message, 400, ExitCode.BadArguments),
        _ => LocalProblem.Of(code, message, 502, ExitCode.Internal),
    };
}
