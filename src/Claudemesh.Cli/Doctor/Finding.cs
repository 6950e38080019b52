using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What was looked at; programs may compare it.</param>
/// <param name="Severity">One of <see cref="Severities"/>.</param>
/// <param name="Mend">The command that mends it; null where nothing is to be mended.</param>
/// <param name="ExitCode">What <c>doctor</c> ends with because of it; zero unless it is an error.</param>
internal sealed record Finding(string Check, string Severity, string Detail, string? Mend = null, int ExitCode = 0)
{
    public static Finding Ok(string check, string detail) => new(check, Severities.Ok, detail);

    public static Finding Warning(string check, string detail, string mend) => new(check, Severities.Warning, detail, mend);

    public static Finding Error(string check, ExitCode code, string detail, string mend) => new(check, Severities.Error, detail, mend, (int)code);
}

internal static class Severities
{
    public const string Ok = "ok";

    /// <summary>Works, but not all of it, or not for long.</summary>
    public const string Warning = "warning";

    public const string Error = "error";
}

/// <param name="Healthy">No finding is an error.</param>
internal sealed record DoctorPrinted(bool Healthy, int Errors, int Warnings, IReadOnlyList<Finding> Findings)
{
    public static DoctorPrinted Of(IReadOnlyList<Finding> findings)
    {
        int errors = findings.Count(one => one.Severity is Severities.Error);
        return new DoctorPrinted(errors == 0, errors, findings.Count(one => one.Severity is Severities.Warning), findings);
    }

    /// <summary>Of the first error; findings are in the order in which things depend on each other.</summary>
    public ExitCode Code() => (ExitCode)(Findings.FirstOrDefault(one => one.Severity is Severities.Error)?.ExitCode ?? 0);
}
