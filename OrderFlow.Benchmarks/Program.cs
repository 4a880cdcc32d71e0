using BenchmarkDotNet.Running;
using OrderFlow.Benchmarks;

// dotnet run -c Release --project OrderFlow.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(InThisProcess).Assembly).Run(args, new InThisProcess());
