using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Objects;

/// <summary>Why something was not written, each with what to do.</summary>
internal static class ObjectProblems
{
    /// <param name="current">As it is now; null: there is none.</param>
    public static LocalProblem Conflict(string name, KeptObject? current)
    {
        string value = current is { HasValue: true } ? $" with the value {current.Text}" : " without a value";
        string now = current is null or { Revision: 0 } ? "there is none" : $"it is at revision {current.Revision}{value}";
        return LocalProblem.Of(
            LocalErrors.RevisionConflict, $"{name} has another revision than you named: {now}. Look at it, and name that revision.", 409, ExitCode.Exists) with
        {
            Current = current is { HasValue: true, Id.Kind: Protocol.Signing.ObjectKind.State } ? StateValue.Show(current.Text) : null,
            CurrentRevision = current?.Revision ?? 0,
        };
    }

    public static LocalProblem Busy(string name) => LocalProblem.Of(
        LocalErrors.RevisionConflict, $"Others write {name} at the same time, again and again; try again.", 409, ExitCode.Network, retryable: true);

    public static LocalProblem TooLarge(string what) => LocalProblem.Of(
        LocalErrors.PayloadTooLarge, $"{what} has at most {ObjectPut.BodyBytesMax / 1024} KiB once it is sealed, and this is more.", 413, ExitCode.BadArguments);

    public static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
