using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Faults.Monitor;
using OrderFlow.Cli.Load;
using OrderFlow.Cli.Reporting;
using OrderFlow.Cli.Reporting.Chaos;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Chaos;

/// <summary>One run: start a system, load and disturb it, let it come to rest, compare.</summary>
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
    private readonly Ledger _ledger;

    private ChaosRun(ChaosOptions options, Progress progress)
    {
        (_options, _progress) = (options, progress);
        _numbers = new(_runId);
        _plan = new(options.Seed, options.UnknownProducts);
        _ledger = new(_plan, _numbers, _time);
    }

    /// <summary>Runs it.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Who is told how it goes.</param>
    /// <param name="stopLoad">Ends load, faults and troubles early; what was accepted is still waited for and compared.</param>
    /// <param name="stopWaiting">Ends the wait, too.</param>
    public static Task<ChaosReport> RunAsync(ChaosOptions options, Progress progress, CancellationToken stopLoad, CancellationToken stopWaiting) =>
        new ChaosRun(options, progress).RunAsync(stopLoad, stopWaiting);

    private async Task<ChaosReport> RunAsync(CancellationToken stopLoad, CancellationToken stopWaiting)
    {
        await using var webhooks = await WebhookReceiver.StartAsync(_ledger);
        _progress.Say($"Starting a system with {_options.Replicas} processes of each service …");
        await using var system = await ChaosSystem.StartAsync(_options, webhooks.Address, webhooks.Secret, stopLoad);
        await using var processes = new SystemProcesses(system.Resources);
        await using var databases = new DatabaseState(system.ConnectionStrings);
        using var management = BrokerMap.CreateClient(system.Management, system.Broker);
        var map = await BrokerMap.ReadAsync(management, stopLoad);
        var stock = await databases.StockAsync(stopLoad);
        var gate = new TrafficGate();
        var troubles = new MessageFaults(_options, system.Broker, map, gate, _runId, _time);
        var transit = new InTransit(databases, management, map);
        var broker = new BrokerFaults(
            management, map, transit, gate, new DeadLetterReader(troubles.DeadLetters, _time), troubles.Deserter, processes, _options.Replicas, _ledger, system.RunDirectory, _time);
        var faults = new FaultInjector(MakePlan(map), processes, broker, _time, _progress.Say);

        var outage = _options.Outage is { } plan ? new MonitorOutage(plan, processes, StoreOf(system, map, databases), () => MonitorHealth.Take(processes, system.RunDirectory, _options.Replicas, _time), _time, _progress.Say) : null;

        using var http = GatewayClient.Create(Connections, Customer.Patience);
        var customer = new Customer(system.Gateway, http, _plan, _numbers, _ledger, _answers, gate, _time);
        var loop = new OpenLoop(new ArrivalSchedule(_options.Rate, _options.Duration), customer.PlaceAsync, _answers, MaxInFlight, _time);
        var rest = new RestWatch(_ledger, _answers, databases, transit, () => troubles.GarbageCount - broker.Wiped.Count, _time);
        var course = await LoadAsync(loop, faults, troubles, outage, rest, stopLoad, stopWaiting);

        _progress.Say("Comparing …");
        var facts = await new ObservedStateReader(databases, troubles.DeadLetters, map, _time).ReadAsync(rest.Left, CancellationToken.None);
        facts = facts with
        {
            DeadLetters = [.. facts.DeadLetters, .. broker.Wiped],
            StockBefore = stock,
            Calls = _ledger.Calls,
            Garbage = troubles.Garbage,
            UnexplainedEnds = processes.Unexplained,
        };
        using var prometheus = new PrometheusQueries(system.CreatePrometheusClient());
        var counters = new CounterReader(prometheus, _time);
        var checks = await counters.CompareAsync(facts, CancellationToken.None);
        var inProcess = await counters.InProcessAsync(facts, _time.GetElapsedTime(course.Start) + TimeSpan.FromMinutes(1), CancellationToken.None);
        var findings = Comparison.Of(_ledger.Orders(), facts);
        var outageReport = course.Outage is { } times ? await ReportAsync(times, facts, findings, system, databases, stopWaiting) : null;
        var report = new ReportMaker(_options, _ledger, _answers, loop, facts, troubles, processes, _time).Make(findings, checks, inProcess, course, faults.Done, broker.Notes, outageReport);
        return report.ExitCode == ChaosExitCodes.EverythingAgrees ? report : report with { Logs = KeptLogs.Copy(system.RunDirectory) };
    }

    private async Task<Course> LoadAsync(
        OpenLoop loop, FaultInjector faults, MessageFaults troubles, MonitorOutage? outage, RestWatch rest, CancellationToken stopLoad, CancellationToken stopWaiting)
    {
        await using var showing = _progress.Show(
            elapsed => ProgressText.Of(elapsed, loop.Offered, _ledger, outage?.State ?? $"faults {faults.Done}/{_options.Faults}", rest.State), _time);
        using var loading = CancellationTokenSource.CreateLinkedTokenSource(stopLoad);
        var start = _time.GetTimestamp();
        _ledger.Begin();
        var troubling = troubles.RunAsync(stopLoad, stopWaiting);
        var faulting = faults.RunAsync(stopLoad);
        var taking = outage is null ? Task.FromResult<OutageTimes?>(null) : TakeMonitorAwayAsync(outage, loading, stopWaiting);
        await loop.RunAsync(loading.Token);
        _ledger.End();
        var load = _time.GetElapsedTime(start);
        var times = await taking;
        if (outage is not null && times is null)
        {
            throw new ChaosException("Stopped before the Monitor was killed: nothing was tested.");
        }

        await Task.WhenAll(faulting, troubling);
        var atRest = await rest.WaitAsync(_options.Drain, stopWaiting);
        return new Course(start, load, atRest ? _time.GetElapsedTime(start) - load : null, times);
    }

    /// <summary>The load goes on until the outage is over.</summary>
    private static async Task<OutageTimes?> TakeMonitorAwayAsync(MonitorOutage outage, CancellationTokenSource loading, CancellationToken stopWaiting)
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

    private IReadOnlyList<Fault> MakePlan(BrokerMap map) => FaultPlan.Make(
        ChaosSystem.Services,
        [.. ChaosSystem.Services.Where(service => map.QueuesOf(service).Any())],
        _options.Replicas,
        _options.Faults,
        _options.Kinds,
        _options.Duration,
        _options.Seed);

    private StoreWatch StoreOf(ChaosSystem system, BrokerMap map, DatabaseState databases) =>
        new(new BrokerLink(system.Broker, $"chaos-{_runId}-tap", _time), map.TapQueue, databases, _ledger, _time);

    private async Task<OutageReport> ReportAsync(OutageTimes times, ObservedState facts, Findings findings, ChaosSystem system, DatabaseState databases, CancellationToken stopWaiting)
    {
        using var monitor = system.CreateMonitorClient();
        var account = await MonitorAccount.ReadAsync(monitor, _time, stopWaiting);
        var store = await databases.StoreAsync(CancellationToken.None) with { Account = account };
        StoreComparison.Add(facts, store, _options.Outage!.FlowDeadline, findings);
        return OutageReport.Of(times, _ledger, store, _time);
    }
}
