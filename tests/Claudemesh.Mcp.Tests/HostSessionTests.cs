using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Mcp.Tests;

/// <summary>Who a session says it is: from its folder, from git's files in it, and from what its client left in the environment.</summary>
public sealed class HostSessionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cm-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_name_is_the_folders_and_the_id_the_clients()
    {
        HostSession session = Find(Make("billing"), ("CLAUDE_CODE_SESSION_ID", "0c0ffee0-1111-2222-3333-444444444444"));
        Assert.Equal(("billing", "0c0ffee0-1111-2222-3333-444444444444"), (session.Name, session.Id));
        OpenSession open = session.Open(4711);
        Assert.Equal((session.Id, "billing", session.Folder, 4711, 0), (open.SessionId, open.Name, open.Cwd, open.Pid, open.Tags!.Count));
    }

    [Fact]
    public void The_projects_folder_counts_not_the_one_that_the_server_was_started_in() =>
        Assert.Equal("billing", Find(folder, ("CLAUDE_PROJECT_DIR", Make("billing"))).Name);

    [Theory]
    [InlineData("  a b\u001b[31m ", "a b[31m")]
    [InlineData("größe 😀", "größe 😀")]
    [InlineData("\u202E", "session")]
    public void Any_folder_gives_a_name_that_is_allowed(string name, string given)
    {
        HostSession session = Find(Path.Combine(folder, name));
        Assert.Equal(given, session.Name);
        Assert.True(DisplayName.TryParse(session.Name, out _));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/a/b/")]
    public void The_root_and_a_slash_at_the_end_are_no_trouble(string path) => Assert.True(DisplayName.TryParse(Find(path).Name, out _));

    [Fact]
    public void Without_an_id_or_with_a_strange_one_it_makes_one_of_its_own()
    {
        HostSession first = Find(folder);
        HostSession second = Find(folder, ("CLAUDE_CODE_SESSION_ID", "../../etc"));
        Assert.NotEqual(first.Id, second.Id);
        Assert.True(SessionId.TryParse(first.Id, out _) && SessionId.TryParse(second.Id, out _));
    }

    [Fact]
    public void A_client_that_only_lists_its_servers_is_not_announced_at_once()
    {
        Assert.Equal(TimeSpan.Zero, Find(folder).AnnounceAfter);
        Assert.Equal(TimeSpan.Zero, Find(folder, ("CLAUDECODE", "1"), ("CLAUDE_CODE_MESSAGING_SOCKET", "/tmp/cc-socks/1.sock")).AnnounceAfter);
        Assert.True(Find(folder, ("CLAUDECODE", "1")).AnnounceAfter > TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("https://git.example.org/acme/billing.git", "billing")]
    [InlineData("git@git.example.org:acme/billing.git", "billing")]
    [InlineData("git@git.example.org:billing", "billing")]
    [InlineData("/srv/git/bill ing/", "bill-ing")]
    public void The_repository_is_named_after_its_origin(string address, string name)
    {
        string clone = Repository("my-clone", "main", $"[core]\n\tbare = false\n[remote \"fork\"]\n\turl = elsewhere/other\n[remote \"origin\"]\n\tfetch = x\n\turl = {address}\n");
        Assert.Equal([$"repo:{name}", "branch:main"], Find(clone).Open(1).Tags);
    }

    [Fact]
    public void Without_an_origin_the_repository_is_named_after_its_folder_also_from_below_it()
    {
        string clone = Repository("billing", "feature/größe", "");
        Assert.Equal(["repo:billing", "branch:feature/größe"], Find(Make("billing/src/deep")).Open(1).Tags);
        File.WriteAllText(Path.Combine(clone, ".git", "HEAD"), "1b9aff3870b03b4a9a635ce9f1ac56bd07152df6\n");
        Assert.Equal(["repo:billing"], Find(clone).Open(1).Tags);
    }

    [Fact]
    public void A_worktree_has_its_own_branch_and_the_repositorys_name()
    {
        string clone = Repository("billing", "main", "");
        string own = Make("billing/.git/worktrees/hotfix");
        File.WriteAllText(Path.Combine(own, "HEAD"), "ref: refs/heads/hotfix\n");
        File.WriteAllText(Path.Combine(own, "commondir"), "../..\n");
        string worktree = Make("elsewhere");
        File.WriteAllText(Path.Combine(worktree, ".git"), $"gitdir: {own}\n");
        Assert.Equal(["repo:billing", "branch:hotfix"], Find(worktree).Open(1).Tags);
        Assert.Equal(["repo:billing", "branch:main"], Find(clone).Open(1).Tags);
    }

    [Fact]
    public void A_branch_that_is_no_tag_becomes_one()
    {
        string clone = Repository("billing", "what~is-" + new string('x', 200), "");
        string branch = Find(clone).Open(1).Tags![1];
        Assert.StartsWith("branch:what-is-xx", branch, StringComparison.Ordinal);
        Assert.True(TagName.TryParse(branch, out _), branch);
    }

    [Fact]
    public async Task Another_branch_is_told_when_it_is_checked_out()
    {
        string clone = Repository("billing", "main", "");
        var told = new TaskCompletionSource<IReadOnlyList<string>>();
        using IDisposable? watch = Find(clone).WatchTags(tags =>
        {
            if (tags.Contains("branch:release"))
                told.TrySetResult(tags);
        });
        Assert.NotNull(watch);

        string head = Path.Combine(clone, ".git", "HEAD");
        File.WriteAllText(head + ".lock", "ref: refs/heads/release\n");
        File.Move(head + ".lock", head, overwrite: true);

        Assert.Equal(["repo:billing", "branch:release"], await told.Task.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    private static HostSession Find(string folder, params (string Name, string Value)[] environment) =>
        HostSession.Find(name => environment.Where(one => one.Name == name).Select(one => one.Value).FirstOrDefault(), folder, TimeProvider.System);

    private string Make(string below) => Directory.CreateDirectory(Path.Combine(folder, below)).FullName;

    private string Repository(string name, string branch, string config)
    {
        string git = Make($"{name}/.git");
        File.WriteAllText(Path.Combine(git, "HEAD"), $"ref: refs/heads/{branch}\n");
        File.WriteAllText(Path.Combine(git, "config"), config);
        return Path.GetDirectoryName(git)!;
    }
}
