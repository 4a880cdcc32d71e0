namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// How often which duration was seen, in buckets each of which is 2 % wider than the one before: any percentile is known to within 1 %, and
/// histograms can be added. After Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
/// Guarantees", VLDB 2019.
/// </summary>
internal sealed class DurationHistogram
{
    private const double Growth = 1.02;
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly SortedDictionary<int, long> _buckets = [];

    public long Count { get; private set; }

    public void Add(long nanos) => Add(BucketOf(nanos), 1);

    public void Add(DurationHistogram other)
    {
        foreach (var (bucket, count) in other._buckets)
        {
            Add(bucket, count);
        }
    }

    /// <summary>The duration below which a share of all lies, in nanoseconds; between two of them, in proportion.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share)
    {
        var rank = share * (Count - 1);
        var (below, above) = (At((long)Math.Floor(rank)), At((long)Math.Ceiling(rank)));
        return below + ((above - below) * (rank - Math.Floor(rank)));
    }

    /// <summary>As bytes: for each bucket the distance from the one before and its count, as numbers of variable length.</summary>
    public byte[] ToArray()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var last = 0;
        foreach (var (bucket, count) in _buckets)
        {
            writer.Write7BitEncodedInt(bucket - last);
            writer.Write7BitEncodedInt64(count);
            last = bucket;
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Adds what <see cref="ToArray"/> has written.</summary>
    public void Add(byte[] written)
    {
        using var bytes = new MemoryStream(written, writable: false);
        using var reader = new BinaryReader(bytes);
        for (var bucket = 0; bytes.Position < bytes.Length;)
        {
            bucket += reader.Read7BitEncodedInt();
            Add(bucket, reader.Read7BitEncodedInt64());
        }
    }

    private static int BucketOf(long nanos) => nanos <= 0 ? 0 : 1 + (int)(Math.Log(nanos) / LogGrowth);

    /// <summary>The middle of a bucket.</summary>
    private static double ValueOf(int bucket) => bucket == 0 ? 0 : Math.Pow(Growth, bucket - 0.5);

    private void Add(int bucket, long count)
    {
        _buckets[bucket] = _buckets.GetValueOrDefault(bucket) + count;
        Count += count;
    }

    private double At(long rank)
    {
        var before = 0L;
        foreach (var (bucket, count) in _buckets)
        {
            before += count;
            if (rank < before)
            {
                return ValueOf(bucket);
            }
        }

        return 0;
    }
}
