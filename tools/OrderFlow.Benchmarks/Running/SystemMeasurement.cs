using System.Diagnostics;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Load;
using OrderFlow.Benchmarks.Measuring.Processes;
using OrderFlow.Benchmarks.Measuring.Samples;

namespace OrderFlow.Benchmarks.Running;

/// <summary>Measures one running system: its maximum, then each rate.</summary>
internal sealed class SystemMeasurement(IMeasuredSystem system, Phases phases, SampleRows rows)
{
    private static readonly TimeSpan CountPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    private long _accepted;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await OfferAsync(Phases.FirstRate, phases.FirstOrders, cancellationToken);
        await DrainAsync(cancellationToken);
        await MeasureMaximumAsync(cancellationToken);
        foreach (var rate in phases.Rates)
        {
            // What is measured quickly is not warm, and says little about the maximum.
            if (!phases.IsQuick && rows.OrdersPerSecond * Phases.HeldShareOfMaximum < rate)
            {
                Progress.Say($"  {SampleRows.At(rate)}: not tried, too near to the maximum or above it");
                continue;
            }

            await Task.Delay(phases.Pause, cancellationToken);
            await MeasureRateAsync(rate, cancellationToken);
        }

        rows.AddMemory(Processes());
    }

    private static IReadOnlyList<MeasuredProcess> Processes() =>
        MarkedProcesses.Measured(Environment.GetEnvironmentVariable(MarkedProcesses.Mark)!);

    private async Task MeasureMaximumAsync(CancellationToken cancellationToken)
    {
        var longest = phases.LongestWarmUp + phases.Maximum + phases.AfterMaximum;
        await using var load = await LoadProcess.StartAsync(
            new(
                system.GatewayPort, longest.TotalSeconds, Connections: Phases.Connections, InFlight: phases.InFlight,
                Ramp: phases.Ramp.TotalSeconds),
            cancellationToken);
        var began = await system.CountEndedAsync(cancellationToken);
        load.Begin();
        await WarmUpAsync(load, began, cancellationToken);
        await using var allocations = AllocationMeter.Start(Processes());
        await system.ForgetLatenciesAsync(cancellationToken);
        var before = await TakeAsync(cancellationToken);
        await FollowAsync(load, began, phases.Maximum, cancellationToken);
        var after = await TakeAsync(cancellationToken);
        var allocated = await allocations.StopAsync();
        var endToEnd = await system.LatenciesAsync(cancellationToken);
        await FollowAsync(load, began, phases.AfterMaximum, cancellationToken);
        load.Stop();
        Take(await load.ResultAsync(cancellationToken), "the maximum");
        rows.AddMaximum(before, after, endToEnd);
        rows.AddAllocations(allocated, system.HandledEvents);
        Progress.Say($"  maximum: {rows.OrdersPerSecond:0} orders/s");
        await DrainAsync(cancellationToken);
    }

    private async Task WarmUpAsync(LoadProcess load, long began, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        await FollowAsync(load, began, phases.WarmUp, cancellationToken);
        while (await system.CountEndedAsync(cancellationToken) - began < phases.InFlight * phases.Passes)
        {
            if (Stopwatch.GetElapsedTime(since) > phases.LongestWarmUp - CountPause)
            {
                Progress.Say("  maximum: the system still fills; try fewer orders with --in-flight");
                return;
            }

            await FollowAsync(load, began, CountPause, cancellationToken);
        }
    }

    /// <summary>Tells the load how many orders have come to their end, for so long.</summary>
    private async Task FollowAsync(LoadProcess load, long began, TimeSpan duration, CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < duration;)
        {
            load.Ended(await system.CountEndedAsync(cancellationToken) - began);
            var left = duration - Stopwatch.GetElapsedTime(since);
            await Task.Delay(left > CountPause ? CountPause : left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
        }
    }

    private async Task MeasureRateAsync(int rate, CancellationToken cancellationToken)
    {
        await using var load = await LoadProcess.StartAsync(
            new(system.GatewayPort, phases.At(rate).TotalSeconds, Rate: rate), cancellationToken);
        await system.ForgetLatenciesAsync(cancellationToken);
        var before = await TakeAsync(cancellationToken);
        load.Begin();
        var result = await load.ResultAsync(cancellationToken);
        var ended = await system.CountEndedAsync(cancellationToken) - before.Orders;
        Take(result, SampleRows.At(rate));
        // A second's orders may be under way at the end; more are a backlog that grows.
        var isHeld = result.Accepted == result.Sent && result.Sent - ended <= Math.Max(rate, Phases.FirstRate);
        await DrainAsync(cancellationToken);
        // Idle sessions report what they did within a second.
        var used = ProcessUsage.Of(Processes());
        await Task.Delay(phases.Pause, cancellationToken);
        var after = await TakeAsync(cancellationToken) with { Usage = used };
        if (!isHeld)
        {
            Progress.Say($"  {SampleRows.At(rate)}: not held, {result.Sent - ended} of {result.Sent} orders under way at the end");
            return;
        }

        var endToEnd = await system.LatenciesAsync(cancellationToken);
        rows.AddRate(rate, before, after, endToEnd, result.Answers);
        Progress.Say($"  {SampleRows.At(rate)}: end to end P50 {endToEnd.P50:0.0} ms, P99 {endToEnd.P99:0.0} ms");
        if (endToEnd.Count != result.Accepted)
        {
            Progress.Say($"  {SampleRows.At(rate)}: {endToEnd.Count} latencies of {result.Accepted} orders");
        }
    }

    private async Task OfferAsync(int rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var load = await LoadProcess.StartAsync(
            new(system.GatewayPort, duration.TotalSeconds, Rate: rate), cancellationToken);
        load.Begin();
        Take(await load.ResultAsync(cancellationToken), "the first orders");
    }

    /// <summary>Waits until every accepted order has come to its end.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); await system.CountEndedAsync(cancellationToken) is var ended && ended < _accepted;)
        {
            if (Stopwatch.GetElapsedTime(since) > DrainTimeout)
            {
                Progress.Say($"  {_accepted - ended} orders have not come to their end {DrainTimeout.TotalSeconds:0} s after the load");
                return;
            }

            await Task.Delay(CountPause, cancellationToken);
        }
    }

    private async Task<Sample> TakeAsync(CancellationToken cancellationToken)
    {
        var usage = ProcessUsage.Of(Processes());
        var orders = await system.CountEndedAsync(cancellationToken);
        return new(LatencyRecorder.Now, orders, usage, await system.ReadServerAsync(cancellationToken));
    }

    private void Take(LoadResult result, string phase)
    {
        _accepted += result.Accepted;
        if (result.Refused + result.Failed > 0)
        {
            Progress.Say($"  {phase}: {result.Refused} of {result.Sent} orders refused, {result.Failed} not answered");
        }
    }
}
