using System.Text;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Tests.Messaging;

/// <summary>The accounts of flows through processes whose clocks the test sets.</summary>
public sealed class OpenLedgerTests(ITestOutputHelper output)
{
    private const long Origin = 1_780_000_000_000_000;

    [Fact]
    public void The_stages_of_two_processes_sum_to_the_time_between_their_ends()
    {
        var (gateway, service) = (new Machine(), new Machine());
        var begun = OpenLedger.Begin(gateway.Now, gateway);
        gateway.Pass(800);
        var header = begun.WriteAt(gateway.Now);
        service.WallMicros = gateway.WallMicros + 500;
        var ledger = OpenLedger.Continue(header, gateway.WallMicros, "order.created", Stage.Broker).Arrive(
            Stage.Buffer, service.Now, service);
        service.Pass(20);
        ledger = ledger.Enter(Stage.Handling, service.Now);
        service.Pass(3000);
        ledger = ledger.Enter(Stage.Transaction, service.Now);
        service.Pass(1000);
        ledger = ledger.Enter(Stage.Outbox, service.Now);
        service.Pass(70);

        Text(ledger.WriteAt(service.Now)).ShouldBe(
            "1;accept=800;order.created:broker=500,buffer=20,handling=3000,transaction=1000,outbox=70");
    }

    [Fact]
    public void Attempts_of_one_delivery_are_summed_up_and_those_of_the_next_stand_beside_them()
    {
        var machine = new Machine();
        var ledger = OpenLedger.Continue("1;accept=0"u8.ToArray(), Origin, "order.created", Stage.Broker).Arrive(
            Stage.Handling, machine.Now, machine);
        foreach (var stage in new[] { Stage.Retry, Stage.Handling, Stage.Retry })
        {
            machine.Pass(100);
            ledger = ledger.Enter(stage, machine.Now);
        }

        var header = ledger.WriteAt(machine.Now);
        Text(header).ShouldBe("1;accept=0;order.created:broker=0,handling=200,retry=100");
        var again = OpenLedger.Continue(header, machine.WallMicros, "order.created", Stage.Retry);
        machine.Pass(5000);
        Text(again.Arrive(Stage.Buffer, machine.Now, machine).WriteAt(machine.Now)).ShouldBe(
            "1;accept=0;order.created:broker=0,handling=200,retry=100,retry=5000,buffer=0");
    }

    [Theory]
    [InlineData(3_600_000_000)]
    [InlineData(-3_600_000_000)]
    public void A_wall_clock_that_is_set_falsifies_no_stage(long by)
    {
        var machine = new Machine();
        var ledger = OpenLedger.Begin(machine.Now, machine);
        machine.Pass(500);
        machine.WallMicros += by;

        Text(ledger.WriteAt(machine.Now)).ShouldBe($"1;accept=500;unaccounted={by}");
    }

    [Fact]
    public void A_stage_shorter_than_what_two_clocks_differ_by_is_not_negative()
    {
        var machine = new Machine();
        var ledger = OpenLedger.Begin(machine.Now, machine);
        machine.Pass(500);
        ledger = ledger.Enter(Stage.Transaction, machine);
        machine.Pass(2);
        machine.WallMicros -= 43;

        Text(ledger.WriteAt(machine.Now)).ShouldBe("1;accept=459;transaction=0");
    }

    [Fact]
    public void A_wait_is_negative_where_the_consumers_clock_is_behind()
    {
        var machine = new Machine { WallMicros = Origin - 40 };
        var ledger = OpenLedger.Continue("1;accept=7"u8.ToArray(), Origin, "order.created", Stage.Broker).Arrive(
            Stage.Buffer, machine.Now, machine);

        Text(ledger.WriteAt(machine.Now)).ShouldBe("1;accept=7;order.created:broker=-40,buffer=0");
    }

    [Fact]
    public void What_has_ended_gets_nothing_added()
    {
        var machine = new Machine();
        var begun = OpenLedger.Begin(machine.Now, machine);
        machine.Pass(9);
        var ended = OpenLedger.Ended(begun.WriteAt(machine.Now, end: true));
        machine.Pass(1000);

        Text(ended.Enter(Stage.Outbox, machine.Now).Arrive(Stage.Buffer, machine.Now, machine).WriteAt(machine.Now)).ShouldBe(
            "1;accept=9;end");
    }

    [Fact]
    public void Whatever_way_a_flow_takes_its_entries_sum_to_its_time()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 1000; round++)
        {
            var machine = new Machine();
            var ledger = OpenLedger.Begin(machine.Now, machine);
            for (var step = random.Next(1, 60); step > 0; step--)
            {
                machine.Pass(random.NextInt64(1_000_000));
                if (random.Next(20) == 0)
                {
                    machine.WallMicros += random.NextInt64(-5_000, 5_000);
                }

                if (random.Next(5) > 0)
                {
                    ledger = ledger.Enter((Stage)random.Next((int)Stage.Unaccounted + 1), machine.Now);
                    continue;
                }

                var header = ledger.WriteAt(machine.Now);
                var until = machine.WallMicros;
                LedgerText.TryRead(header, out var micros, out _).ShouldBeTrue(Text(header));
                micros.ShouldBe(until - Origin, Text(header));
                machine = new Machine { WallMicros = until + random.NextInt64(-1_000, 100_000) };
                ledger = OpenLedger.Continue(header, until, $"hop.n{random.Next(4)}", (Stage)random.Next((int)Stage.Unaccounted)).Arrive(
                    Stage.Buffer, machine.Now, machine);
            }
        }
    }

    private static string Text(byte[] header) => Encoding.ASCII.GetString(header);

    private sealed class Machine : TimeProvider
    {
        private long _monotonic = Random.Shared.NextInt64(1_000_000);

        public long WallMicros { get; set; } = Origin;

        public ClockReading Now => new(WallMicros, _monotonic);

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _monotonic;

        public override DateTimeOffset GetUtcNow() => OrderFlow.Messaging.LatencyLedger.UnixMicroseconds.ToTime(WallMicros);

        public void Pass(long micros) => (WallMicros, _monotonic) = (WallMicros + micros, _monotonic + micros);
    }
}
