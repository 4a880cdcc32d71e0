using System.Text;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Tests.Messaging;

public sealed class LedgerTextTests(ITestOutputHelper output)
{
    private static readonly string[] Hops = ["order.created", "payment.requested", "a.b-2", new string('h', 250)];

    [Fact]
    public void A_ledger_reads_as_it_was_written()
    {
        var text = Write(
            "",
            ("", "accept", 812),
            ("order.created", "broker", 640),
            ("order.created", "handling", 2210),
            ("payment.requested", "broker", -5));

        text.ShouldBe("1;accept=812;order.created:broker=640,handling=2210;payment.requested:broker=-5");
        Read(text).ShouldBe(
            [
                new(null, "accept", 812),
                new("order.created", "broker", 640),
                new("order.created", "handling", 2210),
                new("payment.requested", "broker", -5),
            ]);
        FlowLedger.Read(text).ShouldNotBeNull().TotalMicros.ShouldBe(3657);
    }

    [Fact]
    public void What_is_added_stands_behind_what_came()
    {
        Write("1;accept=1;order.created:broker=2", ("order.created", "outbox", 3)).ShouldBe("1;accept=1;order.created:broker=2,outbox=3");
        Write("1;accept=1;order.created:broker=2", ("order", "outbox", 3)).ShouldBe("1;accept=1;order.created:broker=2;order:outbox=3");
        Write("1;order.created:broker=2;unaccounted=7", ("order.created", "outbox", 3)).ShouldBe(
            "1;order.created:broker=2;unaccounted=7;order.created:outbox=3");
        Write("1", ("No wire type!", "outbox", 3)).ShouldBe("1;outbox=3");
    }

    [Fact]
    public void Whatever_is_written_can_be_read_keeps_its_sum_and_its_bound()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var (text, sum, all) = ("", 0L, new List<LedgerEntry>());
            for (var message = random.Next(1, 20); message > 0; message--)
            {
                var entries = Enumerable.Range(0, random.Next(0, 9))
                    .Select(_ => (Hop: Pick(Hops), Stage: Pick([.. StageNames.All]), Micros: Micros()))
                    .ToArray();
                text = Write(text, entries);
                sum += entries.Sum(entry => entry.Micros);
                all.AddRange(entries.Select(entry => new LedgerEntry(entry.Hop, entry.Stage, entry.Micros)));

                text.Length.ShouldBeLessThanOrEqualTo(LedgerText.Longest);
                var read = Read(text);
                read.Sum(entry => entry.Micros).ShouldBe(sum);
                if (all.Sum(entry => entry.Name.Length + 20) < LedgerText.LongestEntries)
                {
                    read.ShouldBe(all);
                }
            }
        }

        T Pick<T>(T[] from) => from[random.Next(from.Length)];
        long Micros() => random.NextInt64((long)Math.Pow(10, random.Next(1, 14))) * (random.Next(10) == 0 ? -1 : 1);
    }

    [Fact]
    public void What_does_not_fit_is_one_entry_that_grows()
    {
        var text = "";
        for (var n = 0; n < 300; n++)
        {
            text = Write(text, ($"hop.n{n}", "handling", 1000));
        }

        text.Length.ShouldBeInRange(LedgerText.LongestEntries - 32, LedgerText.Longest);
        var read = Read(text);
        read[0].ShouldBe(new LedgerEntry("hop.n0", "handling", 1000));
        read[^1].ShouldBe(new LedgerEntry(null, "other", (300 - (read.Count - 1)) * 1000L));
    }

    [Fact]
    public void The_end_is_kept_and_is_no_entry()
    {
        var ended = FlowLedger.Unknown(5);

        ended.ToString().ShouldBe("1;unaccounted=5;end");
        FlowLedger.Read(ended.ToString())!.ToString().ShouldBe("1;unaccounted=5;end");
        ended.Entries.ShouldBe([new LedgerEntry(null, "unaccounted", 5)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2;accept=1")]
    [InlineData("accept=1")]
    [InlineData("1accept=1")]
    [InlineData("1;")]
    [InlineData("1;accept")]
    [InlineData("1;accept=")]
    [InlineData("1;accept=x")]
    [InlineData("1;accept=+1")]
    [InlineData("1;accept=1.5")]
    [InlineData("1;accept=1 ")]
    [InlineData("1;Accept=1")]
    [InlineData("1;=1")]
    [InlineData("1;order.created:")]
    [InlineData("1;order created:broker=1")]
    [InlineData("1;:broker=1")]
    [InlineData("1,broker=1")]
    [InlineData("1;accept=1,broker=1")]
    [InlineData("1;order.created:broker=1,;")]
    [InlineData("1;end;accept=1")]
    [InlineData("1;accept=99999999999999999999")]
    [InlineData("1;accept=253402300799999999;broker=253402300799999999")]
    public void Anything_else_is_no_ledger(string text)
    {
        FlowLedger.Read(text).ShouldBeNull();
        FlowLedger.Read(text.PadRight(LedgerText.Longest + 1, '1')).ShouldBeNull();
    }

    [Fact]
    public void Spoiled_text_is_none_or_one_whose_entries_make_its_sum()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var good = Encoding.ASCII.GetBytes("1;accept=812;order.created:broker=640,buffer=15,handling=2210;unaccounted=-3;other=9;end");
        for (var round = 0; round < 20_000; round++)
        {
            byte[] spoiled = [.. good];
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                spoiled[random.Next(spoiled.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : good[random.Next(good.Length)];
            }

            var entries = new List<LedgerEntry>();
            if (LedgerText.TryRead(spoiled, out var micros, out _, entries))
            {
                entries.Sum(entry => entry.Micros).ShouldBe(micros);
            }
        }
    }

    private static string Write(string before, params (string Hop, string Stage, long Micros)[] entries)
    {
        var writer = new LedgerWriter(new byte[LedgerText.Longest], Encoding.ASCII.GetBytes(before));
        foreach (var (hop, stage, micros) in entries)
        {
            writer.Add(hop, stage, micros);
        }

        return Encoding.ASCII.GetString(writer.ToArray());
    }

    private static List<LedgerEntry> Read(string text)
    {
        var entries = new List<LedgerEntry>();
        LedgerText.TryRead(Encoding.ASCII.GetBytes(text), out var micros, out _, entries).ShouldBeTrue(text);
        entries.Sum(entry => entry.Micros).ShouldBe(micros);
        return entries;
    }
}
