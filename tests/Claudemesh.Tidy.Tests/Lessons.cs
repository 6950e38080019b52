namespace Claudemesh.Tidy.Tests;

/// <summary>
/// What went wrong in 1.x, and which of its behaviours stay: the items of the wire reference 7.2 and 7.3 and of the delivery engine 12 by
/// their numbers, those of the REST reference 7.1 and 7.2, those of the CLI and daemon reference 7 in words. Each is borne by tests that have it as a trait, or says here why
/// none can be yet.
/// </summary>
internal static class Lessons
{
    private const string Hooks = "hooks, carriers and the status line: issue 7";
    private const string Later = "files, schedules, services, watches and gateways: issues after 7";
    private const string Nowhere = "there is nothing left that could do it";

    public static readonly IReadOnlyList<Lesson> All =
    [
        .. Numbered("wire", "7.2", 26, new Dictionary<int, string>
        {
            [9] = Later, [12] = Later, [13] = Later, [17] = Later, [24] = Hooks, [26] = Hooks,
        }),
        .. Numbered("wire", "7.3", 23, new Dictionary<int, string>
        {
            [4] = Nowhere, [12] = Later, [13] = Hooks, [16] = Nowhere, [17] = Later,
            [19] = Later, 
        }),
        .. Numbered("delivery", "12", 7, new Dictionary<int, string>()),
        .. Lettered("rest", "7.1 A", 24, new Dictionary<int, string>
        {
            [16] = Later,
            [20] = Hooks,
            [21] = Nowhere,
            [24] = Nowhere,
        }),
        .. Lettered("rest", "7.2 C", 20, new Dictionary<int, string>
        {
            [10] = Nowhere,
            [11] = Nowhere,
            [18] = Later,
        }),
        .. Cli("identity",
        [
            ("a key for each launch", null),
            ("an attestation that dies after twelve hours", null),
            ("sessions forgotten by a restarted daemon", null),
            ("a verb that evicts its own session", null),
            ("ghosts that nothing closes", null),
        ]),
        .. Cli("leaks", [("one inbox for all sessions", null), ("a stream without a session that gets everything", null)]),
        .. Cli("silent loss",
        [
            ("a session's socket that nobody reads", null),
            ("delivered before it was pushed", null),
            ("a prefix that is queued for nobody", null),
            ("sent, said before it is known", null),
            ("a typing mistake that is queued", null),
            ("a message to oneself by mistake", null),
        ]),
        .. Cli("channel",
        [
            ("a gate that is not asked for", null),
            ("a value beside it that is no string", null),
            ("a push before the client is ready for it", null),
            ("a push that is left in a buffer", null),
        ]),
        .. Cli("wiring",
        [
            ("an option that nothing reads", null),
            ("an option that swallows the word after it", null),
            ("a registration that fails unseen", null),
            ("options of install that do nothing", null),
            ("an uninstall that leaves things behind", null),
            ("a word of the verb taken for the key of a state", null),
        ]),
        .. Cli("daemon",
        [
            ("a stale socket", null),
            ("two starters at once", null),
            ("a probe that gives up too early", null),
            ("a list of processes that stalls it", null),
            ("one workspace for all of it", null),
            ("a start in the foreground", null),
            ("a start that is tried for ever", null),
            ("a log without an end", null),
            ("a folder of a call that is left", null),
            ("a daemon of another version", null),
            ("a unit of the system that does not start", null),
            ("a runtime of another version", Nowhere),
        ]),
        .. Cli("liveness", [("a connection that is half open", null), ("a first connection that fails for good", null)]),
        .. Cli("naming",
        [
            ("two of one name", null),
            ("keys that are cut short", null),
            ("a workspace's slug and its name", null),
            ("a session's key where the member's is meant", null),
            ("a daemon listed as a session", null),
        ]),
        .. Cli("scoping", [("a workspace that is named and ignored", null), ("a change in the first workspace there is", null)]),
        .. Cli("ids",
        [
            ("done, said of what changed nothing", null),
            ("one message to several, kept for the first alone", null),
            ("a write that is done twice", null),
            ("one message with an id here and another in the history", null),
        ]),
        .. Cli("drift",
        [
            ("an answer under another name than is waited for", null),
            ("a kick that is not obeyed", null),
            ("an upload without a name", Later),
            ("a question who one is that signs one out", null),
        ]),
        .. Cli("auth", [("a door that asks nobody who he is", null), ("two kinds of tokens", null)]),
        .. Cli("secrets",
        [
            ("a folder that others can read", null),
            ("an invite that is kept", null),
            ("a session's secret in a listing", null),
            ("texts that stay in the file", null),
        ]),
        .. Cli("lost features",
        [
            ("grants that the client alone knew", null),
            ("ways to be told of a message", Hooks),
            ("peers and unread in the status line", Hooks),
        ]),
        .. Cli("crash", [("what was on its way is stuck", null), ("tried again to somebody else", null)]),
        .. Cli("terminal", [("a question that leaves it spoilt", null)]),
        .. Cli("claude's files",
        [
            ("two that write them", null),
            ("leftovers of an uninstall", null),
            ("a sweep that takes what is in use", null),
        ]),
        .. Cli("release",
        [
            ("a version that is not the program's", null),
            ("documents and a skill that say something else", null),
            ("a registry that is asked at each call", Nowhere),
        ]),
    ];

    private static IEnumerable<Lesson> Numbered(string trait, string chapter, int count, Dictionary<int, string> notYet) =>
        Enumerable.Range(1, count).Select(number => new Lesson(trait, $"{chapter} #{number}", notYet.GetValueOrDefault(number)));

    private static IEnumerable<Lesson> Lettered(string trait, string letter, int count, Dictionary<int, string> notYet) =>
        Enumerable.Range(1, count).Select(number => new Lesson(trait, letter + number, notYet.GetValueOrDefault(number)));

    private static IEnumerable<Lesson> Cli(string theme, (string Item, string? NotYet)[] items) =>
        items.Select(item => new Lesson("cli", $"7 {theme}: {item.Item}", item.NotYet));
}

/// <param name="NotYet">Why no test can bear it yet; null when tests do.</param>
internal sealed record Lesson(string Trait, string Item, string? NotYet);
