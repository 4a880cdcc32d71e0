using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Faults.Outage;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;
using OrderFlow.Cli.Observation;
using OrderFlow.Cli.Reporting;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Chaos;

/// <summary>One chaos run: start a system, put it under load and faults, let it settle, compare it with the customers' ledger.</summary>
internal sealed class ChaosRun
{
    private const int Connections = 200;
    private const int MaxInFlight = 10_000;

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ChaosOptions _options;
    private readonly Progress _progress;
    private readonly string _runId = Guid.NewGuid().ToString("N")[..8];
    private readonly AnswerCounts _answers = new();
    private readonly OrderNumbers _numbers;
    private readonly PlannedOrders _plan;
    private readonly CustomerLedger _ledger;
    private readonly TrafficGate _gate = new();

    private ChaosRun(ChaosOptions options, Progress progress)
    {
        (_options, _progress) = (options, progress);
        _numbers = new(_runId);
        _plan = new(options.Seed, options.UnknownProducts);
        _ledger = new(number => _plan.Of(number).Content, _numbers, _time);
    }

    /// <summary>Runs it.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Shows how it goes.</param>
    /// <param name="stopLoad">Ends load, faults and message faults early; what was accepted is still waited for and compared.</param>
    /// <param name="stopWaiting">Ends the wait, too.</param>
    /// <exception cref="CommandException">The system did not become healthy, or could not be compared.</exception>
    public static Task<ChaosReport> RunAsync(
        ChaosOptions options, Progress progress, CancellationToken stopLoad, CancellationToken stopWaiting) =>
        new ChaosRun(options, progress).RunAsync(stopLoad, stopWaiting);

    private async Task<ChaosReport> RunAsync(CancellationToken stopLoad, CancellationToken stopWaiting)
    {
        await using var webhooks = await WebhookReceiver.StartAsync(_ledger);
        _progress.WriteLine($"Starting a system with {_options.Replicas} processes of each service …");
        await using var system = await ChaosSystem.StartAsync(_options, webhooks.Address, webhooks.Secret, stopLoad);
        await using var processes = new SystemProcesses(system.Resources);
        await using var databases = new DatabaseReader(system.ConnectionStrings);
        using var management = BrokerTopology.CreateClient(system.Management, system.Broker);
        var topology = await BrokerTopology.ReadAsync(management, stopLoad);
        var stock = await databases.StockAsync(stopLoad);

        var messageFaults = new MessageFaults(_options.MessageFaults, system.Broker, topology, _gate, _runId, _time);
        var inFlight = new InFlightMessages(databases, management, topology);
        var deadLetters = new DeadLetterReader(Connect(system, "dead-letters"), _time);
        var returning = new ReturningConsumer(Connect(system, "returns"), topology, _time);
        var broker = new BrokerFaults(
            management, topology, inFlight, _gate, deadLetters, returning, processes, _options.Replicas, _ledger, system.RunDirectory,
            _time);
        var faults = new FaultInjector(MakePlan(topology), processes, broker, _time, _progress.WriteLine);
        var outage = OutageOf(system, topology, databases, processes);

        using var http = GatewayClient.Create(Connections, Customer.Patience);
        var customer = new Customer(system.Gateway, http, _plan, _numbers, _ledger, _answers, _gate, _time);
        var loop = new OpenLoop(
            new ArrivalSchedule(_options.Rate, _options.Duration), customer.PlaceAsync, _answers, MaxInFlight, _time);
        var drain = new SystemDrain(
            _ledger, _answers, databases, inFlight, () => messageFaults.GarbageCount - broker.Wiped.Count, _time);
        var times = await LoadAsync(loop, faults, messageFaults, outage, drain, stopLoad, stopWaiting);

        _progress.WriteLine("Comparing …");
        var observed = await new ObservedStateReader(databases, deadLetters, topology).ReadAsync(drain.Remaining, CancellationToken.None);
        observed = observed with
        {
            DeadLetters = [.. observed.DeadLetters, .. broker.Wiped],
            StockBefore = stock,
            Calls = _ledger.Calls,
            Garbage = messageFaults.Garbage,
            UnexplainedEnds = processes.Unexplained,
        };
        using var prometheus = new PrometheusQueries(system.CreatePrometheusClient());
        var counters = new CounterComparison(prometheus, _time);
        var checks = await counters.CompareAsync(observed, CancellationToken.None);
        var sinceStart = _time.GetElapsedTime(times.Start) + TimeSpan.FromMinutes(1);
        var inProcess = await counters.InProcessAsync(observed, sinceStart, CancellationToken.None);
        var discrepancies = LedgerComparison.Of(_ledger.Orders(), observed);
        var outageReport = times.Outage is { } span
            ? await ReportAsync(span, observed, discrepancies, system, databases, stopWaiting)
            : null;
        var report = new ChaosReportBuilder(_options, _ledger, _answers, loop, observed, messageFaults, processes, _time)
            .Build(discrepancies, checks, inProcess, times, faults.Done, broker.Notes, outageReport);
        return report.ExitCode == ExitCodes.Success ? report : report with { Logs = RetainedLogs.Copy(system.RunDirectory) };
    }

    private async Task<RunTimes> LoadAsync(
        OpenLoop loop,
        FaultInjector faults,
        MessageFaults messageFaults,
        MonitorOutage? outage,
        SystemDrain drain,
        CancellationToken stopLoad,
        CancellationToken stopWaiting)
    {
        await using var showing = _progress.Show(
            elapsed => ChaosProgress.Of(
                elapsed, loop.Offered, _ledger, outage?.State ?? $"faults {faults.Done}/{_options.Faults}", drain.State),
            _time);
        using var loading = CancellationTokenSource.CreateLinkedTokenSource(stopLoad);
        var start = _time.GetTimestamp();
        _ledger.Begin();
        var messages = messageFaults.RunAsync(stopLoad, stopWaiting);
        var processes = faults.RunAsync(stopLoad);
        var monitor = outage is null ? Task.FromResult<OutageTimes?>(null) : TakeMonitorAwayAsync(outage, loading, stopWaiting);
        await loop.RunAsync(loading.Token);
        _ledger.End();
        var load = _time.GetElapsedTime(start);
        var times = await monitor;
        if (outage is not null && times is null)
        {
            throw new CommandException("Stopped before the Monitor was killed: nothing was tested.");
        }

        await Task.WhenAll(processes, messages);
        var hasSettled = await drain.WaitAsync(_options.Drain, stopWaiting);
        return new RunTimes(start, load, hasSettled ? _time.GetElapsedTime(start) - load : null, times);
    }

    /// <summary>The load goes on until the outage is over.</summary>
    private static async Task<OutageTimes?> TakeMonitorAwayAsync(
        MonitorOutage outage, CancellationTokenSource loading, CancellationToken stopWaiting)
    {
        try
        {
            return await outage.RunAsync(loading.Token, stopWaiting);
        }
        finally
        {
            await loading.CancelAsync();
        }
    }

    private IReadOnlyList<Fault> MakePlan(BrokerTopology topology) => FaultPlan.Make(
        SystemResources.Services,
        [.. SystemResources.Services.Where(service => topology.QueuesOf(service).Any())],
        _options.Replicas,
        _options.Faults,
        _options.Kinds,
        _options.Duration,
        _options.Seed);

    private MonitorOutage? OutageOf(ChaosSystem system, BrokerTopology topology, DatabaseReader databases, SystemProcesses processes)
    {
        if (_options.Outage is not { } plan)
        {
            return null;
        }

        var store = new StoreWatch(Connect(system, "tap"), topology.TapQueue, databases, _ledger, _time);
        return new(plan, processes, store, Sample, _time, _progress.WriteLine);

        ResourceUsage Sample() => ResourceUsage.Take(processes, system.RunDirectory, _options.Replicas, _time);
    }

    private ReconnectingBroker Connect(ChaosSystem system, string purpose) => new(system.Broker, $"chaos-{_runId}-{purpose}", _time);

    private async Task<OutageReport> ReportAsync(
        OutageTimes times,
        ObservedState observed,
        Discrepancies discrepancies,
        ChaosSystem system,
        DatabaseReader databases,
        CancellationToken stopWaiting)
    {
        using var client = system.CreateMonitorClient();
        var monitor = await MonitorStatus.ReadAsync(client, _time, stopWaiting);
        var store = await databases.StoreAsync(client, CancellationToken.None) with { Monitor = monitor };
        StoreComparison.Add(observed, store, _options.Outage!.FlowDeadline, discrepancies);
        return OutageReport.Of(times, _ledger, store, _time);
    }
}
