namespace Claudemesh.Protocol;

public sealed record WorkspaceLeft : IMessage
{
    public static string WireType => "workspace_left";
}
