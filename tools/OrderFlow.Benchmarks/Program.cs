using BenchmarkDotNet.Running;
using OrderFlow.Benchmarks;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Load;
using OrderFlow.Tests.Support.Benchmarks;

switch (args)
{
    case [LoadProtocol.Verb, .. var numbers]:
        await LoadProtocol.RunAsync(numbers);
        return 0;
    case [] or ["--help" or "-h", ..] or [DurableCommand.Name or DurableCrashCommand.Name or VolatileCommand.Name, ..]:
        return await Comparisons.RunAsync(args);
    default:
        // dotnet run -c Release --project tools/OrderFlow.Benchmarks -- --filter '*'
        BenchmarkSwitcher.FromAssembly(typeof(InThisProcess).Assembly).Run(args, new InThisProcess());
        await StoredOrders.DisposeSharedAsync();
        return 0;
}
