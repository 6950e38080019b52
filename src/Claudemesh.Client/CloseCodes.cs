namespace Claudemesh.Client;

/// <summary>The close codes after which a client stays away (wire reference 1.3).</summary>
internal static class CloseCodes
{
    internal const int Kicked = 4001;
    internal const int Banned = 4002;
}
