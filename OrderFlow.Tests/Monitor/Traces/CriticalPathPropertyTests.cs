using FsCheck;
using FsCheck.Fluent;
using OrderFlow.Monitor.Traces;

namespace OrderFlow.Tests.Monitor.Traces;

/// <summary>What holds for any spans, however senders and clocks contradict each other.</summary>
public sealed class CriticalPathPropertyTests
{
    private const int Traces = 3;
    private const int Ids = 12;
    private const int Latest = 1000;
    private static readonly string[] Kinds = ["internal", "server", "client", "producer", "consumer"];
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(30);

    [Fact]
    public void Steps_have_no_gaps_and_sum_to_the_whole() => Check(spans =>
    {
        var path = CriticalPathFinder.Of(spans)!;
        var at = 0L;
        foreach (var step in path.Steps)
        {
            step.OffsetMicros.ShouldBe(at);
            step.Micros.ShouldBeGreaterThan(0);
            at += step.Micros;
        }

        at.ShouldBe(spans.Max(span => span.End) - spans.Min(span => span.Start));
        path.Micros.ShouldBe(at);
        path.Shares.Sum(share => share.Micros).ShouldBe(at);
    });

    [Fact]
    public void Work_of_a_span_lies_within_the_span() => Check(spans =>
    {
        var begin = spans.Min(span => span.Start);
        foreach (var step in CriticalPathFinder.Of(spans)!.Steps.Where(step => step.Waiting is null))
        {
            spans.ShouldContain(span => span.Id == new SpanKey(step.TraceId, step.SpanId)
                && span.Start - begin <= step.OffsetMicros && span.End - begin >= step.OffsetMicros + step.Micros);
        }
    });

    [Fact]
    public void Order_of_the_spans_does_not_change_the_path() => Check(spans =>
    {
        var shuffled = CriticalPathFinder.Of(spans.Reverse().OrderBy(span => span.End % 7))!;
        var path = CriticalPathFinder.Of(spans)!;
        shuffled.Steps.ShouldBe(path.Steps);
        shuffled.ClockSkews.ShouldBe(path.ClockSkews, ignoreOrder: true);
    });

    private static void Check(Action<IReadOnlyList<PathSpan>> holds) =>
        Prop.ForAll(Flows().ToArbitrary(), spans => holds(spans)).Check(Many);

    /// <summary>Few ids, so that parents are often there, and are their own ancestors now and then.</summary>
    private static Gen<IReadOnlyList<PathSpan>> Flows()
    {
        var keys = Gen.Choose(0, Traces - 1)
            .SelectMany(trace => Gen.Choose(0, Ids - 1), (trace, id) => new SpanKey($"t{trace}", $"{id:x2}"));
        var times = Gen.Choose(0, Latest)
            .SelectMany(start => Gen.Choose(0, Latest / 4), (start, length) => (Start: start, End: start + length));
        var kinds = Gen.Elements(Kinds).SelectMany(kind => Gen.Choose(0, 50), (kind, buffer) => (Kind: kind, Buffer: buffer));
        var spans = keys.SelectMany(id => keys, (id, cause) => (Id: id, Cause: cause))
            .SelectMany(_ => times, (ids, time) => (ids.Id, ids.Cause, time.Start, time.End))
            .SelectMany(_ => kinds, (span, kind) => new PathSpan(
                span.Id, span.Start % 10 == 0 ? null : span.Cause, $"service {span.Id.SpanId[1]}", $"operation {span.Id.SpanId}",
                kind.Kind, span.Start, span.End, kind.Kind == PathSpan.Consumer ? kind.Buffer : 0));
        return spans.NonEmptyListOf().Select(all => (IReadOnlyList<PathSpan>)[.. all.DistinctBy(span => span.Id)]);
    }
}
