using System.Globalization;

namespace OrderFlow.Monitor.Hosting;

/// <summary>Times in addresses.</summary>
internal static class TimeText
{
    /// <summary>Reads a time, in UTC when it does not say in what; <see langword="null"/> when it is none.</summary>
    public static DateTimeOffset? Read(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>Writes one, to the second.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
