using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>Shows on <c>/metrics</c> what the replicas of a service have in common.</summary>
public static class SharedHistogramSetup
{
    /// <summary>
    /// Has <c>/metrics</c> show a histogram that one replica at a time shows for all: from zero on, and unchanged while it is scraped.
    /// </summary>
    /// <typeparam name="TSource">A singleton that knows the state of the histogram.</typeparam>
    /// <param name="builder">The service's host.</param>
    /// <param name="zeros">Gives its series before their first value.</param>
    /// <param name="hold">Gives what keeps its series as they are until the result is disposed of.</param>
    public static void AddSharedHistogram<TSource>(
        this IHostApplicationBuilder builder, Func<TSource, ZeroSeries> zeros,
        Func<TSource, Func<CancellationToken, Task<IDisposable>>> hold)
        where TSource : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(provider =>
        {
            var source = provider.GetRequiredService<TSource>();
            return new SharedHistogram(zeros(source), hold(source));
        });
    }
}
