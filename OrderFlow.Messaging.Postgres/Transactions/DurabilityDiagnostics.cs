using System.Diagnostics.Metrics;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Outbox;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The instruments of inbox, outbox and schedule, on the meter of the bus: the factory gives one meter for one name.</summary>
internal sealed class DurabilityDiagnostics : IDisposable
{
    private readonly Meter _meter;

    public DurabilityDiagnostics(IMeterFactory meters, OutboxBacklog backlog, ScheduleBacklog schedule)
    {
        _meter = meters.Create(MessagingTelemetry.Name);
        Duplicates = _meter.CreateCounter<long>(
            "events.duplicates",
            "{event}",
            "Deliveries of an event that was handled already, so without effect, by event_type and handler.");
        _meter.CreateObservableGauge(
            "events.outbox.backlog",
            () => backlog.Count,
            "{event}",
            "Events of committed transactions that the broker has not confirmed; at most 100,000 are counted.");
        _meter.CreateObservableGauge(
            "events.outbox.refused",
            () => backlog.Refused,
            "{event}",
            "Events in the outbox that the broker has refused at least once; each is tried again.");
        _meter.CreateObservableGauge(
            "events.outbox.oldest.age", () => backlog.OldestAgeSeconds, "s", "Age of the oldest event in the outbox.");
        _meter.CreateObservableGauge(
            "events.scheduled", () => schedule.Count, "{event}", "Scheduled events that wait; at most 100,000 are counted.");
        _meter.CreateObservableGauge(
            "events.scheduled.overdue.age",
            () => schedule.OverdueSeconds,
            "s",
            "How long the scheduled event that is due for longest waits to be published; 0 when none is due.");
    }

    private Counter<long> Duplicates { get; }

    public void CountDuplicate(string eventType, string handler) =>
        Duplicates.Add(
            1,
            new KeyValuePair<string, object?>(MessagingTelemetry.EventType, eventType),
            new KeyValuePair<string, object?>(MessagingTelemetry.Handler, handler));

    public void Dispose() => _meter.Dispose();
}
