using System.Diagnostics;
using Npgsql;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Load;
using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>Measures one running implementation: its maximum, then each rate.</summary>
internal sealed class DurableMeasurement : IAsyncDisposable
{
    private static readonly TimeSpan CountPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    private readonly IDurableSystem _system;
    private readonly DurableOptions _options;
    private readonly Rows _rows;
    private readonly NpgsqlDataSource _server;
    private readonly NpgsqlDataSource _notificationsDatabase;
    private readonly StoredNotifications _notifications;
    private long _accepted;

    public DurableMeasurement(IDurableSystem system, DurableOptions options, Rows rows)
    {
        (_system, _options, _rows) = (system, options, rows);
        _server = NpgsqlDataSource.Create(system.Database("postgres"));
        _notificationsDatabase = NpgsqlDataSource.Create(system.Database(DurableSchema.Notifications));
        _notifications = new(_notificationsDatabase);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await OfferAsync(DurableOptions.FirstRate, _options.FirstOrders, cancellationToken);
        await DrainAsync(cancellationToken);
        await CheckpointAsync(cancellationToken);
        await MeasureMaximumAsync(cancellationToken);
        foreach (var rate in _options.Rates)
        {
            if (_rows.OrdersPerSecond * DurableOptions.HeldShareOfMaximum < rate)
            {
                Progress.Say($"  {Rows.At(rate)}: not tried, too near to the maximum or above it");
                continue;
            }

            await Task.Delay(_options.Pause, cancellationToken);
            await MeasureRateAsync(rate, cancellationToken);
        }

        _rows.AddMemory(Processes());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _notificationsDatabase.DisposeAsync();
    }

    private static IReadOnlyList<MeasuredProcess> Processes() =>
        MarkedProcesses.Measured(Environment.GetEnvironmentVariable(MarkedProcesses.Mark)!);

    private async Task MeasureMaximumAsync(CancellationToken cancellationToken)
    {
        var all = _options.WarmUp + _options.Maximum + _options.AfterMaximum;
        await using var load = await LoadProcess.StartAsync(
            new(_system.GatewayPort, all.TotalSeconds, Connections: DurableOptions.Connections, InFlight: DurableOptions.InFlight),
            cancellationToken);
        var began = await _notifications.CountAsync(cancellationToken);
        load.Begin();
        await FollowAsync(load, began, _options.WarmUp, cancellationToken);
        await _system.ForgetLatenciesAsync(cancellationToken);
        var before = await TakeAsync(cancellationToken);
        await FollowAsync(load, began, _options.Maximum, cancellationToken);
        var after = await TakeAsync(cancellationToken);
        var endToEnd = await _system.LatenciesAsync(cancellationToken);
        await FollowAsync(load, began, _options.AfterMaximum, cancellationToken);
        Take(await load.ResultAsync(cancellationToken), "the maximum");
        _rows.AddMaximum(before, after, endToEnd);
        Progress.Say($"  maximum: {_rows.OrdersPerSecond:0} orders/s");
        await DrainAsync(cancellationToken);
    }

    /// <summary>Tells the load how many orders have come to their end, for so long.</summary>
    private async Task FollowAsync(LoadProcess load, long began, TimeSpan duration, CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < duration;)
        {
            load.Ended(await _notifications.CountAsync(cancellationToken) - began);
            var left = duration - Stopwatch.GetElapsedTime(since);
            await Task.Delay(left > CountPause ? CountPause : left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
        }
    }

    private async Task MeasureRateAsync(int rate, CancellationToken cancellationToken)
    {
        await using var load = await LoadProcess.StartAsync(
            new(_system.GatewayPort, _options.At(rate).TotalSeconds, Rate: rate), cancellationToken);
        await _system.ForgetLatenciesAsync(cancellationToken);
        var before = await TakeAsync(cancellationToken);
        load.Begin();
        var result = await load.ResultAsync(cancellationToken);
        var ended = await _notifications.CountAsync(cancellationToken) - before.Orders;
        Take(result, Rows.At(rate));
        // A second's orders may be under way at the end; more are a backlog that grows.
        var isHeld = result.Accepted == result.Sent && result.Sent - ended <= Math.Max(rate, DurableOptions.FirstRate);
        await DrainAsync(cancellationToken);
        // Idle sessions report what they did within a second.
        var used = ProcessUsage.Of(Processes());
        await Task.Delay(_options.Pause, cancellationToken);
        var after = await TakeAsync(cancellationToken) with { Usage = used };
        if (!isHeld)
        {
            Progress.Say($"  {Rows.At(rate)}: not held, {result.Sent - ended} of {result.Sent} orders under way at the end");
            return;
        }

        var endToEnd = await _system.LatenciesAsync(cancellationToken);
        _rows.AddRate(rate, before, after, endToEnd, result.Answers);
        Progress.Say($"  {Rows.At(rate)}: end to end P50 {endToEnd.P50:0.0} ms, P99 {endToEnd.P99:0.0} ms");
        if (endToEnd.Count != result.Accepted)
        {
            Progress.Say($"  {Rows.At(rate)}: {endToEnd.Count} latencies of {result.Accepted} orders");
        }
    }

    private async Task OfferAsync(int rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var load = await LoadProcess.StartAsync(
            new(_system.GatewayPort, duration.TotalSeconds, Rate: rate), cancellationToken);
        load.Begin();
        Take(await load.ResultAsync(cancellationToken), "the first orders");
    }

    /// <summary>Waits until every accepted order has come to its end.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); await _notifications.CountAsync(cancellationToken) is var ended && ended < _accepted;)
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
        var orders = await _notifications.CountAsync(cancellationToken);
        return new(
            Sample.Now, orders, usage, await ServerCounters.ReadAsync(_server, cancellationToken), _notifications.Queries);
    }

    /// <summary>Every implementation begins with the whole pages in its log that the first changes after a checkpoint write.</summary>
    private async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await using var command = _server.CreateCommand("CHECKPOINT");
        await command.ExecuteNonQueryAsync(cancellationToken);
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
