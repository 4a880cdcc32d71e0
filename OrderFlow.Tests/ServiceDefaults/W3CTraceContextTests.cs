using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.Tests.ServiceDefaults;

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
    public void Traceparent_of_a_later_version_is_read_as_version_00_and_an_invalid_one_as_none(string? header, string? expected) =>
        W3CTraceContext.TraceParent(header).ShouldBe(expected);

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
    public void Tracestate_loses_empty_and_repeated_members_and_an_invalid_one_is_dropped(string header, string? expected) =>
        W3CTraceContext.TraceState(header).ShouldBe(expected);

    [Fact]
    public void Tracestate_of_up_to_512_characters_and_32_members_is_passed_on()
    {
        var members = string.Join(',', Enumerable.Range(10, 32).Select(number => $"k{number}={new string('v', 11)}"));
        members.Length.ShouldBe(511);

        W3CTraceContext.TraceState(members).ShouldBe(members);
        W3CTraceContext.TraceState($"{members},one=more").ShouldBeNull();
    }

    [Fact]
    public void Too_long_tracestate_loses_its_long_members_first_and_then_the_last()
    {
        var (small, big) = (new string('s', 116), new string('b', 200));

        W3CTraceContext.TraceState($"big={big},a={small},b={small},c={small},d={small}")
            .ShouldBe($"a={small},b={small},c={small},d={small}");
        W3CTraceContext.TraceState($"a={small},b={small},c={small},d={small},e={small},f={small}")
            .ShouldBe($"a={small},b={small},c={small},d={small}");
        W3CTraceContext.TraceState($"big={big},big2={big}").ShouldBe($"big={big},big2={big}");
        W3CTraceContext.TraceState($"big={big},big2={big},big3={big}").ShouldBe($"big={big},big2={big}");
    }
}
