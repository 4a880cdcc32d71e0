using BenchmarkDotNet.Running;
using OrderFlow.Benchmarks;
using OrderFlow.Tests.Support.Benchmarks;

// dotnet run -c Release --project tools/OrderFlow.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(InThisProcess).Assembly).Run(args, new InThisProcess());

await StoredOrders.DisposeSharedAsync();
