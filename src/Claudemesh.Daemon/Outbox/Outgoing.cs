using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using MessageStates = Claudemesh.Local.MessageStates;
using MessageStatus = Claudemesh.Local.MessageStatus;
using RecipientStatus = Claudemesh.Local.RecipientStatus;

namespace Claudemesh.Daemon.Outbox;

/// <summary>
/// The verb <c>send</c>: decides who is meant, writes one message into the outbox, to one recipient or under one root to several, and answers when they are on disk. The same id with the
/// same content has the same outcome, also after a restart; with another content it is refused.
/// </summary>
internal sealed class Outgoing(OutboxStore outbox, JoinedWorkspaces workspaces, TopicPosting posting, StateWaiters waiters, TimeProvider clock)
{
    public async Task<LocalReply<SendResult>> SendAsync(SendMessage request, CancellationToken cancellationToken)
    {
        if (SendRules.FindFault(request) is { } fault)
            return fault;

        request = request with { To = request.To.Trim(), ClientMessageId = request.ClientMessageId ?? RandomBytes.NextUuid(clock).ToString() };
        string batch = request.ClientMessageId;
        LocalReply<string> stored = FindEarlier(request) ?? await StoreAsync(request, cancellationToken);
        if (!stored.Succeeded)
            return stored.Problem;

        bool again = stored.Value is nameof(Submission.Again);
        bool reached = request.Wait is not { } wanted || await WaitAsync(batch, wanted, TimeSpan.FromMilliseconds(request.WaitMilliseconds), cancellationToken);
        MessageStatus status = Describe(batch)!;
        return new SendResult(batch, status.Workspace, status.To, status.State, again, reached, status.Recipients);
    }

    /// <summary>What became of a send.</summary>
    /// <param name="scope">Only in this workspace; null: in all.</param>
    public LocalReply<MessageStatus> Find(string id, string? scope)
    {
        List<string> batches = outbox.FindBatches(id);
        if (batches.Count > 1)
            return LocalProblem.Of(LocalErrors.AmbiguousName, $"Several messages begin with {id}; give more of it.", 409, ExitCode.BadArguments);

        MessageStatus? status = batches.Count == 0 ? null : Describe(batches[0]);
        if (status is null || (scope is not null && !string.Equals(scope, status.Workspace, StringComparison.Ordinal)))
            return LocalProblem.Of(LocalErrors.MessageNotFound, $"No message that was sent from here begins with {id}.", 404, ExitCode.NotFound);
        return status;
    }

    /// <summary>Null when it is not there (any more).</summary>
    public MessageStatus? Describe(string batch)
    {
        (long workspaceNo, List<OutboxRow> copies) = outbox.FindBatch(batch);
        if (copies.Count == 0)
            return null;

        return new MessageStatus(
            batch,
            workspaces.FindByNo(workspaceNo)?.Row.Slug ?? "",
            copies[0].AddressedTo,
            copies[0].Priority,
            DateTimeOffset.FromUnixTimeMilliseconds(copies[0].CreatedAt),
            OutboxStates.Least(copies.Select(copy => copy.State)),
            [.. copies.Select(DescribeCopy)]);
    }

    private static RecipientStatus DescribeCopy(OutboxRow copy) => new(
        copy.Recipient.Name,
        copy.Counts is null ? (copy.Recipient.Session ?? copy.Recipient.Key).ToString() : "",
        copy.ClientMessageId,
        copy.MessageId,
        copy.State,
        copy.Recipient.Box ? Encryptions.Box : Encryptions.Member,
        copy.Reason,
        copy.Attempts,
        copy.Recipient.Online,
        copy.Counts);

    /// <summary>A send that was made before needs no recipient to be known any more: it has its outcome. Null when there is none.</summary>
    private LocalReply<string>? FindEarlier(SendMessage request)
    {
        (long workspaceNo, List<OutboxRow> copies) = outbox.FindBatch(request.ClientMessageId!);
        if (copies.Count == 0)
            return null;

        LiveWorkspace? workspace = workspaces.FindByNo(workspaceNo);
        bool same = workspace is not null
            && (request.Workspace is null || string.Equals(request.Workspace, workspace.Row.Slug, StringComparison.Ordinal))
            && IsOf(workspace, request, copies[0].Fingerprint);
        return same ? nameof(Submission.Again) : Conflict(request);
    }

    private async Task<LocalReply<string>> StoreAsync(SendMessage request, CancellationToken cancellationToken)
    {
        LocalReply<Addressee> found = request.To.StartsWith('#') ? await PlanPostAsync(request, cancellationToken) : await AddressAsync(request, cancellationToken);
        if (found.Value is not { } to)
            return found.Problem!;

        LiveWorkspace workspace = to.Workspace;
        if (request.Session is { } session && !workspace.IsSessionOpen(session))
            return LocalProblem.Of(LocalErrors.SessionNotFound, $"No session {session} is open in {workspace.Row.Slug}.", 404, ExitCode.NotFound);

        string batch = request.ClientMessageId!;
        var draft = new Draft(
            workspace.Row.No,
            batch,
            Fingerprint(workspace, request),
            request.To,
            request.Session ?? "",
            to.ReplyTo ?? "",
            request.Priority,
            request.Text,
            [.. to.Recipients.Select(recipient => (to.Recipients.Count == 1 ? batch : RandomBytes.NextUuid(clock).ToString(), recipient))],
            to.Mentions);
        Submission submitted = await outbox.SubmitAsync(draft, cancellationToken);
        if (submitted is Submission.Stored)
            workspace.WakeOutbox();

        return submitted switch
        {
            Submission.Conflict => Conflict(request),
            Submission.Full => LocalProblem.Of(
                LocalErrors.OutboxFull,
                $"{OutboxStore.WaitingMax} messages of {workspace.Row.Slug} already wait for its broker; try again when it is back.",
                429,
                ExitCode.Network,
                retryable: true),
            _ => submitted.ToString(),
        };
    }

    private async Task<LocalReply<Addressee>> PlanPostAsync(SendMessage request, CancellationToken cancellationToken)
    {
        LocalReply<PostPlan> planned = await posting.PlanAsync(request, cancellationToken);
        return planned.Value is { } plan ? new Addressee(plan.Workspace, [plan.Recipient], plan.ReplyTo, plan.Mentions) : planned.Problem!;
    }

    private async Task<LocalReply<Addressee>> AddressAsync(SendMessage request, CancellationToken cancellationToken)
    {
        LocalReply<Destination> found = await workspaces.AddressAsync(request.To, request.Workspace, request.ToSelf, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;
        if (!IsShared(request.To))
            return new Addressee(there.Workspace, there.Recipients, request.ReplyTo, "");
        if (!TargetSpec.TryParse(request.To, out TargetSpec? target))
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"{request.To} is no group or tag that can be addressed.", 400, ExitCode.BadArguments);

        return there.Workspace.Keys.Mesh.Fork is { } fork
            ? KeyProblems.Forked(there.Workspace.Row.Slug, there.Workspace.Keys.Mesh.Scope, fork)
            : new Addressee(there.Workspace, [Recipient.Several(request.To, target.ToString())], request.ReplyTo, "");
    }

    private static bool IsShared(string to) => to is "*" || to[0] is '@' || to.StartsWith("tag:", StringComparison.Ordinal);

    private static byte[] Fingerprint(LiveWorkspace workspace, SendMessage request) => Fingerprint(workspace.Identity.FingerprintKey, request);

    private static byte[] Fingerprint(SecretBytes key, SendMessage request)
    {
        Digest digest = RequestFingerprint.ComputeKeyed(key, request.To, request.ReplyTo, request.Priority, MetaOf(request), request.Text);
        return digest.Span.ToArray();
    }

    /// <summary>Whether this request was written down with that fingerprint, under the present key or one of before.</summary>
    private static bool IsOf(LiveWorkspace workspace, SendMessage request, ReadOnlySpan<byte> fingerprint)
    {
        if (fingerprint.SequenceEqual(Fingerprint(workspace, request)))
            return true;
        foreach (FormerKey former in workspace.Identity.Former.Members)
        {
            if (fingerprint.SequenceEqual(Fingerprint(former.FingerprintKey, request)))
                return true;
        }

        return false;
    }

    /// <summary>Who is mentioned besides the text is a part of what was asked for.</summary>
    private static string? MetaOf(SendMessage request) => request.Mentions is { Count: > 0 } mentions ? "mentions:" + string.Join(',', mentions) : null;

    private static LocalProblem Conflict(SendMessage request) => LocalProblem.Of(
        LocalErrors.IdempotencyConflict,
        $"The id {request.ClientMessageId} already stands for another message; leave it out or make a new one.",
        409,
        ExitCode.Exists);

    private async Task<bool> WaitAsync(string batch, string wanted, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            while (true)
            {
                Task change = waiters.NextChange(batch);
                List<OutboxRow> copies = outbox.FindBatch(batch).Copies;
                if (copies.TrueForAll(copy => OutboxStates.Rank(copy.State) >= OutboxStates.Rank(wanted)))
                    return copies.TrueForAll(copy => copy.State is not (MessageStates.Refused or MessageStates.Expired));

                await change.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            waiters.Forget(batch);
        }
    }
}

/// <summary>Where a send goes.</summary>
internal sealed record Destination(LiveWorkspace Workspace, IReadOnlyList<Recipient> Recipients);

/// <summary>To whom a send goes, with what is known only once that is decided.</summary>
internal sealed record Addressee(LiveWorkspace Workspace, IReadOnlyList<Recipient> Recipients, string? ReplyTo, string Mentions);
