using System.Diagnostics;
using System.Text;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Tests.Messaging;

public sealed class W3CTraceContextTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Ids = $"{Trace}-b7ad6b7169203331";

    [Theory]
    [InlineData($"00-{Ids}-01", $"00-{Ids}-01")]
    [InlineData($"00-{Ids}-03", $"00-{Ids}-03")]
    [InlineData($"cc-{Ids}-01", $"00-{Ids}-01")]
    [InlineData($"cc-{Ids}-01-what-the-future-will-be-like", $"00-{Ids}-01")]
    [InlineData($"01-{Ids}-fe-", $"00-{Ids}-00")]
    [InlineData($"fe-{Ids}-ff-x", $"00-{Ids}-01")]
    [InlineData($"cc-{Ids}-01.what", null)]
    [InlineData($"cc-{Ids}-011", null)]
    [InlineData($"00-{Ids}-01-", null)]
    [InlineData($"00-{Ids}-01-more", null)]
    [InlineData($"ff-{Ids}-01", null)]
    [InlineData($"ff-{Ids}-01-more", null)]
    [InlineData($"cc-{Ids}-0", null)]
    [InlineData($"cc-{Ids}-0x", null)]
    [InlineData($"c--{Ids}-01-more", null)]
    [InlineData("cc-00000000000000000000000000000000-b7ad6b7169203331-01-more", null)]
    [InlineData($"cc-{Trace}-0000000000000000-01-more", null)]
    [InlineData("CC-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01-more", null)]
    [InlineData($"00-{Ids}-01,00-{Ids}-01", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_traceparent_is_read_as_far_as_its_version_is_known(string? header, string? expected) => W3CTraceContext.TraceParent(header).ShouldBe(expected);

    [Theory]
    [InlineData("a=1", "a=1")]
    [InlineData(" a=1 ,\t, b@c=2=", null)]
    [InlineData(" a=1 ,\t,,b@c=2 3 ", "a=1,b@c=2 3")]
    [InlineData("a=1,b=2,a=3", "a=1,b=2")]
    [InlineData("a=1,B=2", null)]
    [InlineData("a=1,b", null)]
    [InlineData("a=1,b=", null)]
    [InlineData("a=1,b=ü", null)]
    [InlineData("foo =1", null)]
    [InlineData(",", null)]
    [InlineData("", null)]
    public void A_tracestate_is_a_list_without_empty_members_or_none(string header, string? expected) => W3CTraceContext.TraceState(header).ShouldBe(expected);

    [Fact]
    public void Up_to_512_characters_and_32_members_pass()
    {
        var members = string.Join(',', Enumerable.Range(10, 32).Select(number => $"k{number}={new string('v', 11)}"));
        members.Length.ShouldBe(511);

        W3CTraceContext.TraceState(members).ShouldBe(members);
        W3CTraceContext.TraceState($"{members},one=more").ShouldBeNull();
    }

    [Fact]
    public void Of_a_longer_one_the_long_members_go_first_and_then_the_last()
    {
        var (small, big) = (new string('s', 116), new string('b', 200));

        W3CTraceContext.TraceState($"big={big},a={small},b={small},c={small},d={small}").ShouldBe($"a={small},b={small},c={small},d={small}");
        W3CTraceContext.TraceState($"a={small},b={small},c={small},d={small},e={small},f={small}").ShouldBe($"a={small},b={small},c={small},d={small}");
        W3CTraceContext.TraceState($"big={big},big2={big}").ShouldBe($"big={big},big2={big}");
        W3CTraceContext.TraceState($"big={big},big2={big},big3={big}").ShouldBe($"big={big},big2={big}");
    }

    [Fact]
    public void A_message_of_a_later_version_is_part_of_its_trace_and_a_broken_state_costs_only_itself()
    {
        var context = TraceHeaders.Extract(Headers($"cc-{Ids}-01-more", "a=1"));
        (context.TraceId.ToString(), context.TraceFlags, context.TraceState, context.IsRemote).ShouldBe((Trace, ActivityTraceFlags.Recorded, "a=1", true));

        var broken = TraceHeaders.Extract(Headers($"00-{Ids}-01", "A=1,=,"));
        (broken.TraceId.ToString(), broken.TraceState).ShouldBe((Trace, null));

        TraceHeaders.Extract(Headers($"ff-{Ids}-01", "a=1")).ShouldBe(default);
    }

    [Fact]
    public void A_long_state_goes_on_in_messages_and_through_the_outbox()
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
