using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Alerts;
using OrderFlow.Monitor.Anomalies;
using OrderFlow.Monitor.DeadLetters;
using OrderFlow.Monitor.Latency;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Processes;
using OrderFlow.Monitor.Reconciliation;
using OrderFlow.Monitor.Traces;

namespace OrderFlow.Monitor;

/// <summary>Everything that <c>/api</c> answers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventDetail))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(CorrelationTrace))]
[JsonSerializable(typeof(CausationChain))]
[JsonSerializable(typeof(OrderLifeCycle))]
[JsonSerializable(typeof(OrderSearchResult))]
[JsonSerializable(typeof(OpenFlowList))]
[JsonSerializable(typeof(DashboardView))]
[JsonSerializable(typeof(LatencyChart))]
[JsonSerializable(typeof(StageBreakdown))]
[JsonSerializable(typeof(BottleneckView))]
[JsonSerializable(typeof(TraceSearchResult))]
[JsonSerializable(typeof(TraceView))]
[JsonSerializable(typeof(OrderTraces))]
[JsonSerializable(typeof(OperationList))]
[JsonSerializable(typeof(SlowTracesView))]
[JsonSerializable(typeof(DeadLetterOverview))]
[JsonSerializable(typeof(DeadLetterDecision))]
[JsonSerializable(typeof(DecisionList))]
[JsonSerializable(typeof(DecisionOutcome))]
[JsonSerializable(typeof(DeadLetterMessages))]
[JsonSerializable(typeof(DeadLetterDetail))]
[JsonSerializable(typeof(StagedReplayRun))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(DiscardResult))]
[JsonSerializable(typeof(ReconciliationView))]
[JsonSerializable(typeof(AnomalyList))]
[JsonSerializable(typeof(ProcessList))]
[JsonSerializable(typeof(AlertList))]
[JsonSerializable(typeof(AlertNotification))]
[JsonSerializable(typeof(Acknowledgement))]
[JsonSerializable(typeof(SilenceRequest))]
[JsonSerializable(typeof(SilenceMade))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class MonitorJson : JsonSerializerContext;
