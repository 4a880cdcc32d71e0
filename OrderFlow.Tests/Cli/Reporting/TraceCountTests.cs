using OrderFlow.Cli.Observation;
using OrderFlow.Cli.Reporting;

namespace OrderFlow.Tests.Cli.Reporting;

public sealed class TraceCountTests
{
    private static readonly Guid Whole = Guid.NewGuid();
    private static readonly Guid Partial = Guid.NewGuid();
    private static readonly Guid Missing = Guid.NewGuid();
    private static readonly Guid NotSampled = Guid.NewGuid();

    [Fact]
    public void A_trace_is_whole_with_spans_of_every_service_that_published_an_event_of_its_order()
    {
        var store = new StoreState
        {
            Events =
            [
                .. new[] { Whole, Partial, Missing, NotSampled }.SelectMany(
                    order => new[] { Event(order, "gateway"), Event(order, "order-service"), Event(order, "order-service") }),
            ],
            Traces = new (Guid Order, string[] Services)[]
            {
                (Whole, ["gateway", "notification-service", "order-service"]),
                (Partial, ["gateway"]),
                (Missing, []),
            }
                .ToLookup(trace => trace.Order.ToString(), trace => trace.Services),
        };

        TraceCount.Of("away", [Whole, Partial, Missing, NotSampled], store)
            .ShouldBe(new("away", Sampled: 3, Whole: 1, Partial: 1, Missing: 1));
        TraceCount.Of("after", [NotSampled], store).ShouldBe(new("after", 0, 0, 0, 0));
    }

    private static StoredEvent Event(Guid order, string source) => new(Guid.NewGuid(), "any", order.ToString(), source, 1);
}
