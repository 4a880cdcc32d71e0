using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Services.Hosting;

/// <summary>
/// Answers what the comparison asks of a service: lines on standard input and output. When the input ends, so does the process.
/// </summary>
internal static class ServiceCommands
{
    public static async Task AnswerAsync(LatencyRecorder latencies)
    {
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } command)
        {
            switch (command)
            {
                case "reset":
                    latencies.Reset();
                    Console.WriteLine("done");
                    break;
                case "count":
                    Console.WriteLine(latencies.Total);
                    break;
                case "latencies":
                    Console.WriteLine(JsonSerializer.Serialize(latencies.Summarize(), ServiceCommandsJson.Default.LatencySummary));
                    break;
                default:
                    throw new InvalidOperationException($"'{command}' is nothing that a service is asked.");
            }
        }
    }
}

[JsonSerializable(typeof(LatencySummary))]
internal sealed partial class ServiceCommandsJson : JsonSerializerContext;
