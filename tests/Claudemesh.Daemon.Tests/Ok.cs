using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests;

/// <summary>An answer that must be one.</summary>
internal static class Ok
{
    public static async Task<T> Async<T>(Task<LocalReply<T>> asked)
        where T : class
    {
        LocalReply<T> reply = await asked;
        Assert.True(reply.Succeeded, $"{reply.Problem?.Error}: {reply.Problem?.Detail}");
        return reply.Value;
    }
}
