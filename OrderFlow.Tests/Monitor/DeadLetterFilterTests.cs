using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.DeadLetters;

namespace OrderFlow.Tests.Monitor;

public sealed class DeadLetterFilterTests
{
    private static readonly DeadLetter Letter = new(
        "0195-abc", "0195-abc", new DeadLetterGroupKey("PlaceOrderHandler", "handler-failed", "System.TimeoutException", "hash"))
    {
        EventType = "order.created",
        AggregateId = "order-7",
        UserId = "user-1",
        ExceptionMessage = "The provider did not answer",
        DeadLetteredAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
    };

    [Theory]
    [InlineData("", true)]
    [InlineData("event=order.created", true)]
    [InlineData("event=order", false)]
    [InlineData("exception=timeout", true)]
    [InlineData("exception=NullReference", false)]
    [InlineData("user=user-1", true)]
    [InlineData("user=user-10", false)]
    [InlineData("text=DID NOT", true)]
    [InlineData("text=order-7", true)]
    [InlineData("text=0195", true)]
    [InlineData("text=placeorder", true)]
    [InlineData("text=nothing", false)]
    [InlineData("from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z", true)]
    [InlineData("from=2026-03-01T12:00:01Z", false)]
    [InlineData("to=2026-03-01", false)]
    [InlineData("group=another", false)]
    [InlineData("event=order.created&user=another", false)]
    public void Every_part_that_is_given_must_fit(string query, bool fits)
    {
        var filter = Of(query, out var problems);

        problems.ShouldBeEmpty();
        filter.Takes(Letter).ShouldBe(fits);
    }

    [Fact]
    public void A_message_without_what_is_asked_for_is_left_out() =>
        Of("from=2000-01-01&user=a", out _).Takes(new DeadLetter("1", null, Letter.Key)).ShouldBeFalse();

    [Theory]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=2026-13-01", "to")]
    public void A_time_that_is_none_is_named(string query, string name)
    {
        Of(query, out var problems);

        problems.Keys.ShouldBe([name]);
    }

    [Fact]
    public void Its_address_says_the_same()
    {
        var filter = Of("group=g&event=order.created&exception=a%26b&user=%C3%A4&text=x&from=2026-03-01T12:00:00Z&to=2026-03-02", out _);

        var parameters = filter.Parameters.Select(one => KeyValuePair.Create(one.Name, one.Value));
        Of(QueryHelpers.AddQueryString("", parameters).TrimStart('?'), out _).ShouldBe(filter);
        (filter.IsNarrow, Of("group=g", out _).IsNarrow).ShouldBe((true, false));
    }

    private static DeadLetterFilter Of(string query, out Dictionary<string, string[]> problems) =>
        DeadLetterFilter.Of(new QueryCollection(QueryHelpers.ParseQuery(query)), out problems);
}
