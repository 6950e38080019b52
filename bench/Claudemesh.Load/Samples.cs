namespace Claudemesh.Load;

/// <summary>Middles and tails.</summary>
internal static class Samples
{
    public static T Median<T>(IEnumerable<T> samples) => Percentile([.. samples], 0.5);

    /// <param name="part">0 to 1; the sample at or above this part of all.</param>
    public static T Percentile<T>(List<T> samples, double part)
    {
        if (samples.Count == 0)
            throw new InvalidOperationException("Nothing was measured.");

        samples.Sort();
        return samples[Math.Min(samples.Count - 1, (int)(part * samples.Count))];
    }
}
