using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Durable.Bare;
using OrderFlow.Benchmarks.Services.Durable.Wolverine;
using OrderFlow.Benchmarks.Services.Hosting;
using OrderFlow.Benchmarks.Services.Volatile.MassTransit;
using OrderFlow.Benchmarks.Services.Volatile.Messaging;

var service = ServiceArguments.Parse(args);
var latencies = new LatencyRecorder();
await (service.Implementation switch
{
    "bare" => BareServices.StartAsync(service, latencies),
    "masstransit" => MassTransitServices.StartAsync(service, latencies),
    "orderflow-messaging" => MessagingServices.StartAsync(service, latencies),
    "wolverine" => WolverineServices.StartAsync(service, latencies),
    _ => throw new ArgumentException($"'{service.Implementation}' is no implementation of the journey.", nameof(args)),
});
await ServiceCommands.AnswerAsync(latencies);
