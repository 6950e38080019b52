using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>Limits of records, copies and packages. Answers as <see cref="Limit"/> does.</summary>
internal static class LogLimits
{
    public const int RecordBytesMax = 64 * 1024;
    public const int CopiesMax = 1000;
    public const int CopyBytes = 80;
    public const int PackageBytesMax = 1024;

    public static string? NotScope(string field, string scope) =>
        RootReference.IsScope(scope) ? null : $"{field} must be mesh or topic/ and a topic's id";

    public static string? NotRecords(string field, SignedRecord[] records, int countMax)
    {
        if (records.Length is 0 || records.Length > countMax)
            return $"{field} must have 1 to {countMax} entries";

        foreach (SignedRecord record in records)
        {
            if (record is null || record.Record.Length is 0 or > RecordBytesMax || record.Signature.Length != WireLimits.SignatureBytes)
                return $"{field} must be records of at most {RecordBytesMax} bytes with a signature of {WireLimits.SignatureBytes}";
        }

        return null;
    }

    public static string? NotCopies(string field, EpochCopy[]? copies)
    {
        if (copies is null)
            return null;
        if (copies.Length > CopiesMax)
            return $"{field} must have at most {CopiesMax} entries";

        return Array.Exists(copies, copy => copy is null || copy.Epoch < 1 || copy.Copy.Length != CopyBytes)
            ? $"{field} must be copies of {CopyBytes} bytes of an epoch from 1 on"
            : null;
    }

    public static string? NotPackages(string field, InvitePackage[]? packages) =>
        packages is null || (packages.Length <= 16 && Array.TrueForAll(packages, each => each is not null && each.Package.Length is > 0 and <= PackageBytesMax))
            ? null
            : $"{field} must have at most 16 entries of at most {PackageBytesMax} bytes";
}
