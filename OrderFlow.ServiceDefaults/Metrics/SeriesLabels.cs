namespace OrderFlow.ServiceDefaults.Metrics;

internal sealed class SeriesLabels(byte[] text)
{
    public ReadOnlySpan<byte> Text => text;

    /// <summary>The number of the scrape that last wrote these labels.</summary>
    public long LastScrape { get; private set; }

    /// <summary>False when another series of this scrape already had the same labels.</summary>
    public bool TakeFor(long scrape)
    {
        if (LastScrape == scrape)
        {
            return false;
        }

        LastScrape = scrape;
        return true;
    }
}
