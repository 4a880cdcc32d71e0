using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.Tests.Support.Services;

/// <summary>A meter factory for objects that are tested without a host.</summary>
internal static class TestMeters
{
    public static IMeterFactory Create() =>
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
}
