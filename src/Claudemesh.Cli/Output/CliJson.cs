using System.Text.Json.Serialization;
using Claudemesh.Cli.Completions;
using Claudemesh.Cli.Doctor;

namespace Claudemesh.Cli.Output;

/// <param name="Version">Of this program, as in <c>2.0.0</c>.</param>
internal sealed record VersionPrinted(string Version);

/// <param name="Running">Whether a daemon answers.</param>
/// <param name="Started">Whether this call has started it.</param>
internal sealed record DaemonPrinted(bool Running, bool Started, int? Pid = null, string? Version = null, string? Log = null);

/// <param name="Stopped">Whether this call has stopped a daemon; false when none was running.</param>
internal sealed record DaemonStoppedPrinted(bool Stopped, int? Pid = null);

/// <param name="Installed">Whether the system starts the daemon.</param>
/// <param name="File">Its unit; it need not exist.</param>
internal sealed record ServicePrinted(bool Installed, string File, string Detail);

internal sealed record CompletionScriptPrinted(string Shell, string Script);

internal sealed record SupportBundlePrinted(string Path, IReadOnlyList<string> Files);

/// <param name="Roff">The page; null when pages were written into a folder.</param>
internal sealed record ManualPrinted(IReadOnlyList<string> Pages, string? Roff = null);

/// <summary>What verbs print that the daemon's API has no record for.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletionList))]
[JsonSerializable(typeof(CompletionScriptPrinted))]
[JsonSerializable(typeof(DaemonPrinted))]
[JsonSerializable(typeof(DaemonStoppedPrinted))]
[JsonSerializable(typeof(DoctorPrinted))]
[JsonSerializable(typeof(InstallPrinted))]
[JsonSerializable(typeof(ManualPrinted))]
[JsonSerializable(typeof(ServicePrinted))]
[JsonSerializable(typeof(SupportBundlePrinted))]
[JsonSerializable(typeof(VersionPrinted))]
internal sealed partial class CliJson : JsonSerializerContext;
