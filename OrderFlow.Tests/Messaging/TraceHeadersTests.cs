using System.Diagnostics;
using System.Text;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Tests.Messaging;

public sealed class TraceHeadersTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Ids = $"{Trace}-b7ad6b7169203331";

    [Fact]
    public void Message_with_a_later_traceparent_version_joins_its_trace_and_an_invalid_tracestate_is_dropped()
    {
        var context = TraceHeaders.Extract(Headers($"cc-{Ids}-01-more", "a=1"));
        (context.TraceId.ToString(), context.TraceFlags, context.TraceState, context.IsRemote).ShouldBe(
            (Trace, ActivityTraceFlags.Recorded, "a=1", true));

        var broken = TraceHeaders.Extract(Headers($"00-{Ids}-01", "A=1,=,"));
        (broken.TraceId.ToString(), broken.TraceState).ShouldBe((Trace, null));

        TraceHeaders.Extract(Headers($"ff-{Ids}-01", "a=1")).ShouldBe(default);
    }

    [Fact]
    public void Long_tracestate_is_passed_on_in_messages_and_through_the_outbox()
    {
        var state = string.Join(',', Enumerable.Range(10, 32).Select(number => $"k{number}={new string('v', 11)}"));
        using var activity = new Activity("handle") { TraceStateString = state }.SetIdFormat(ActivityIdFormat.W3C).Start();

        var headers = new Dictionary<string, object?>(StringComparer.Ordinal);
        TraceHeaders.Inject(activity, headers);

        headers["tracestate"].ShouldBe(state);
        TraceContext.Capture(activity).TraceState.ShouldBe(state);
    }

    private static Dictionary<string, object?> Headers(string parent, string state) => new(StringComparer.Ordinal)
    {
        ["traceparent"] = Encoding.ASCII.GetBytes(parent),
        ["tracestate"] = Encoding.ASCII.GetBytes(state),
    };
}
