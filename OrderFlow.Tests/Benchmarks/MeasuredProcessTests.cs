using System.Diagnostics;
using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Tests.Benchmarks;

public sealed class MeasuredProcessTests
{
    [Theory]
    [InlineData("/checkout/OrderFlow.Gateway/bin/Release/net10.0/OrderFlow.Gateway", "gateway", ProcessGroups.Services)]
    [InlineData("/bin/OrderFlow.Benchmarks.Services bare order-service 4711", "order-service", ProcessGroups.Services)]
    [InlineData("/checkout/OrderFlow.Monitor", "monitor", ProcessGroups.Monitor)]
    [InlineData("dotnet /checkout/OrderFlow.AppHost.dll --Simulation:Work=false", "apphost", ProcessGroups.Host)]
    [InlineData("/usr/lib/erlang/erts-13.1.5/bin/beam.smp -W w", "broker", ProcessGroups.Broker)]
    [InlineData("/usr/lib/postgresql/15/bin/postgres -D /tmp/cluster", "postgres", ProcessGroups.Postgres)]
    [InlineData("/bin/OrderFlow.Benchmarks load 8080 12 20 0 0", "load", ProcessGroups.Load)]
    public void Process_is_known_by_its_command_line(string commandLine, string name, string group)
    {
        MeasuredProcess.Of(42, commandLine.Split(' ')).ShouldBe(new MeasuredProcess(42, name, group));
    }

    [Theory]
    [InlineData("sh -c guard")]
    [InlineData("postgres: orders orders 127.0.0.1(4711) idle")]
    [InlineData("/bin/OrderFlow.Benchmarks durable")]
    public void Others_are_not_measured(string commandLine)
    {
        MeasuredProcess.Of(42, commandLine.Split(' ')).ShouldBeNull();
        MeasuredProcess.Of(42, []).ShouldBeNull();
    }

    [Fact]
    public void Usage_of_a_group_is_what_its_processes_used_in_between()
    {
        var (gateway, orders) = (Process(1, ProcessGroups.Services), Process(2, ProcessGroups.Services));
        var (broker, late) = (Process(3, ProcessGroups.Broker), Process(4, ProcessGroups.Broker));
        var before = new ProcessUsage(new Dictionary<MeasuredProcess, double> { [gateway] = 1, [orders] = 10, [broker] = 5 });
        var after = new ProcessUsage(
            new Dictionary<MeasuredProcess, double> { [gateway] = 1.5, [orders] = 12, [broker] = 6, [late] = 100 });

        after.SecondsSince(before).ShouldBe(
            new Dictionary<string, double>(StringComparer.Ordinal) { [ProcessGroups.Services] = 2.5, [ProcessGroups.Broker] = 1 },
            ignoreOrder: true);

        static MeasuredProcess Process(int id, string group) => new(id, $"{id}", group);
    }

    [Fact]
    public void Processor_time_is_the_process_clocks()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        var before = self.TotalProcessorTime.TotalSeconds;

        var seconds = ProcessClock.Seconds(Environment.ProcessId);

        self.Refresh();
        // The ticks of /proc are hundredths of a second.
        seconds.ShouldNotBeNull().ShouldBeInRange(before - 0.05, self.TotalProcessorTime.TotalSeconds + 0.05);
        ProcessClock.SecondsWithChildren(Environment.ProcessId).ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(seconds.Value);
    }

    [Fact]
    public void A_process_that_is_gone_has_used_nothing()
    {
        ProcessClock.Seconds(int.MaxValue - 1).ShouldBeNull();
        ProcessClock.SecondsWithChildren(int.MaxValue - 1).ShouldBeNull();
        ProcessUsage.PeakMiB(int.MaxValue - 1).ShouldBeNull();
    }

    [Fact]
    public async Task Marked_processes_are_found_wherever_they_are()
    {
        var mark = Guid.NewGuid().ToString("N");
        var start = new ProcessStartInfo("setsid", ["sleep", "60"]) { UseShellExecute = false };
        start.Environment[MarkedProcesses.Mark] = mark;
        using var process = System.Diagnostics.Process.Start(start)!;
        try
        {
            MarkedProcesses.Ids(mark).ShouldBe([process.Id]);
            // sleep is nothing that is measured.
            MarkedProcesses.Measured(mark).ShouldBeEmpty();
        }
        finally
        {
            Signals.Send(process.Id, Signals.Kill).ShouldBeTrue();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        MarkedProcesses.Ids(mark).ShouldBeEmpty();
    }
}
