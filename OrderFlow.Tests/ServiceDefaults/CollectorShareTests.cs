using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class CollectorShareTests
{
    private const int Limit = 100;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Up_to_the_limit_all_pass()
    {
        var share = new CollectorShare(Limit, _time);

        Enumerable.Range(0, 30).SelectMany(_ => PassedInASecond(share, Limit - 1)).Count().ShouldBe(30 * (Limit - 1));
    }

    [Fact]
    public void Above_it_about_as_many_as_the_limit_pass_and_of_a_trace_all_or_none()
    {
        var share = new CollectorShare(Limit, _time);
        for (var second = 0; second < 20; second++)
        {
            PassedInASecond(share, 10_000);
        }

        PassedInASecond(share, 10_000).Count.ShouldBeInRange(Limit / 4, Limit * 2);
        var trace = ActivityTraceId.CreateRandom();
        share.Passes(trace).ShouldBe(share.Includes(trace));
    }

    [Fact]
    public void A_busier_service_passes_a_part_of_what_another_does()
    {
        var (busy, busier) = (new CollectorShare(Limit, _time), new CollectorShare(Limit, _time));
        for (var second = 0; second < 10; second++)
        {
            var traces = Traces(4000);
            traces.ForEach(trace => busy.Passes(trace));
            traces.ForEach(trace => Enumerable.Range(0, 8).ToList().ForEach(_ => busier.Passes(trace)));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var all = Traces(20_000);
        var kept = all.FindAll(busier.Includes);
        kept.ShouldNotBeEmpty();
        kept.ShouldAllBe(trace => busy.Includes(trace));
    }

    [Fact]
    public void When_it_is_quiet_again_all_pass()
    {
        var share = new CollectorShare(Limit, _time);
        PassedInASecond(share, 100_000);
        for (var second = 0; second < 30; second++)
        {
            PassedInASecond(share, 5);
        }

        PassedInASecond(share, 20).Count.ShouldBe(20);
    }

    private static List<ActivityTraceId> Traces(int count) => [.. Enumerable.Range(0, count).Select(_ => ActivityTraceId.CreateRandom())];

    private List<ActivityTraceId> PassedInASecond(CollectorShare share, int spans)
    {
        var passed = Traces(spans).FindAll(share.Passes);
        _time.Advance(TimeSpan.FromSeconds(1));
        return passed;
    }
}
