using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Objects;

/// <summary>Who wrote something: by the name of the key that signed it where one did, else by the broker's word.</summary>
internal static class Writers
{
    private const int KeyCharsShown = 16;

    public static string NameOf(LiveWorkspace workspace, KeptObject kept)
    {
        if (!PublicKey.TryParse(kept.Author, out PublicKey author))
            return kept.WrittenBy;
        if (workspace.Identity.IsOwn(author))
            return workspace.Describe().DisplayName;

        // Names are the broker's word in any case, keys are not.
        return workspace.Pins.Find(author)?.Name ?? (kept.WrittenBy.Length > 0 ? kept.WrittenBy : kept.Author[..KeyCharsShown]);
    }
}
