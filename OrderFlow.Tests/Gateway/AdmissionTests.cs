using Microsoft.Extensions.Time.Testing;
using OrderFlow.Gateway.ShedLoad;

namespace OrderFlow.Tests.Gateway;

public sealed class AdmissionTests
{
    private const double Second = 1000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1400, 4000, 1)]
    [InlineData(1400, 1500, 1)]
    [InlineData(400, 800, 1)]
    [InlineData(1400, 4000, 3)]
    public void What_is_let_in_waits_for_about_as_long_as_it_may_and_nothing_that_could_be_done_is_turned_away(
        double taken, double offered, int gateways)
    {
        var line = Run(taken, offered, gateways, seconds: 60);

        line.Done.ShouldBeInRange(taken * 60 * 0.97, taken * 60);
        Percentile(line.Waits, 0.5).ShouldBeInRange(0.3, 0.7);
        // Until it is noticed, 1,500 wait.
        Percentile(line.Waits, 0.95).ShouldBeLessThan(Math.Max(1.3, 1.2 * 1500 / taken));
        line.Waits.Max().ShouldBeLessThan(2.5 * 1500 / taken);
    }

    [Theory]
    [InlineData(1400, 1300)]
    [InlineData(100, 120)]
    public void Nothing_is_turned_away_of_what_can_be_done(double taken, double offered) =>
        Run(taken, offered, gateways: 1, seconds: 60).Refused.ShouldBe(0);

    [Fact]
    public void A_few_that_wait_for_long_are_no_crowd()
    {
        var admission = New();
        admission.Decide(new Pace(TimeSpan.FromSeconds(14), Rate: 100, Gateways: 1));

        admission.IsLimited.ShouldBeFalse();
        admission.TryAdmit().ShouldBeTrue();
    }

    [Fact]
    public void Limit_grows_when_nobody_waits_any_more_and_ends_when_nobody_is_turned_away()
    {
        var admission = New();
        admission.Decide(new Pace(TimeSpan.FromSeconds(2), Rate: 1000, Gateways: 1));
        _time.Advance(TimeSpan.FromSeconds(1));
        admission.TryAdmit().ShouldBeTrue();
        Enumerable.Range(0, 1000).Count(_ => admission.TryAdmit()).ShouldBeInRange(15, 25);

        _time.Advance(TimeSpan.FromSeconds(1.9));
        admission.Decide(new Pace(TimeSpan.FromMilliseconds(40), Rate: 900, Gateways: 1));
        admission.IsLimited.ShouldBeTrue();
        Enumerable.Range(0, 1000).Count(_ => admission.TryAdmit()).ShouldBeInRange(17, 28);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        admission.Decide(default);
        admission.IsLimited.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        admission.Decide(default);
        admission.IsLimited.ShouldBeFalse();
    }

    [Fact]
    public void Something_comes_in_however_slowly_it_is_said_to_go()
    {
        var admission = New();
        admission.Decide(new Pace(TimeSpan.FromDays(1), Rate: 0.1, Gateways: 1));
        admission.IsLimited.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));

        admission.TryAdmit().ShouldBeTrue();
    }

    [Fact]
    public void When_nothing_is_known_everybody_comes_in()
    {
        var admission = New();
        admission.Decide(new Pace(TimeSpan.FromSeconds(2), Rate: 1000, Gateways: 1));
        admission.TryAdmit().ShouldBeFalse();

        admission.Open();

        admission.TryAdmit().ShouldBeTrue();
    }

    [Fact]
    public void A_limit_of_zero_turns_nobody_away()
    {
        var admission = new Admission(TimeSpan.Zero, _time);
        admission.Decide(new Pace(TimeSpan.FromMinutes(1), Rate: 1000, Gateways: 1));

        admission.IsLimited.ShouldBeFalse();
    }

    /// <summary>A line in which all wait, relieved at a fixed rate; how long they wait is told a little late.</summary>
    private (double Done, int Refused, List<double> Waits) Run(double taken, double offered, int gateways, int seconds)
    {
        List<Admission> doors = [.. Enumerable.Range(0, gateways).Select(_ => New())];
        var line = new Queue<double>();
        var told = new Queue<double>();
        var (done, refused, waits, due, may) = (0, 0, new List<double>(), 0.0, 0.0);
        for (var tick = 1; tick <= seconds * Second / Tick.TotalMilliseconds; tick++)
        {
            _time.Advance(Tick);
            var now = tick * Tick.TotalSeconds;
            for (due += offered * Tick.TotalSeconds; due >= 1; due--)
            {
                if (doors[(done + line.Count + refused) % gateways].TryAdmit())
                {
                    line.Enqueue(now);
                }
                else
                {
                    refused++;
                }
            }

            for (may = Math.Min(may + (taken * Tick.TotalSeconds), taken * Tick.TotalSeconds * 2); may >= 1 && line.Count > 0; may--)
            {
                waits.Add(now - line.Dequeue());
                done++;
            }

            told.Enqueue(line.Count / taken);
            if (tick % 5 == 0)
            {
                var wait = told.Count > 10 ? told.ElementAt(told.Count - 10) : 0;
                doors.ForEach(door => door.Decide(new Pace(TimeSpan.FromSeconds(wait), wait > 0 ? taken : 0, gateways)));
            }
        }

        return (done, refused, waits);
    }

    private Admission New() => new(TimeSpan.FromSeconds(0.5), _time);

    private static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)(values.Count * share));
}
