using BenchmarkDotNet.Attributes;
using Claudemesh.Crypto;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Microbench;

/// <summary>
/// A workspace of 1,000 members: what its joiner does before he reads (every record read, verified and judged), and what a removal costs
/// (the epoch and a sealed copy for everybody).
/// </summary>
public class LogBench : IDisposable
{
    private const string Mesh = "0123456789abcdefghijABCDEFGHIJ01";
    private const int Members = 1000;
    private const long At = 1_700_000_000_000;

    private readonly MemberSecretKey owner = MemberSecretKey.Generate();
    private readonly RootHistory roots = new();
    private readonly Membership start;
    private readonly SignedRecord[] records;
    private readonly Membership full;

    public LogBench()
    {
        start = LogSample.Start(owner, Mesh, At, roots);
        records = LogSample.Admissions(start, owner, At, Members);
        full = Verify();
    }

    [Benchmark]
    public Membership Verify()
    {
        LogVerdict verdict = start.Append(records, At);
        LogSample.Require(verdict.Refusal);
        return verdict.Next!;
    }

    [Benchmark]
    public int Rotate()
    {
        LogDraft draft = new(full, owner, At);
        LogSample.Require(Rotation.Draft(draft, roots.Newest, "removal", out RootKey? root));
        using (root)
            return Rotation.SealCopies(draft.State, root!, draft.At).Length;
    }

    public void Dispose()
    {
        roots.Dispose();
        owner.Dispose();
        GC.SuppressFinalize(this);
    }
}
