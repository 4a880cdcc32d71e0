using System.Net;
using System.Text;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

[Collection(JourneyFixture.Collection)]
public sealed class BadRequestTests(JourneyFixture journey)
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "{\"items\":[{\"id\":\"item-1\",\"quantity\":-1}]}", "application/json", HttpStatusCode.BadRequest, "items[0].quantity", "userId")]
    [InlineData("{\"items\":[],\"userId\":\"u\"}", "application/json", HttpStatusCode.BadRequest, "items")]
    [InlineData("{broken", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("items=1", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_bad_request_gets_problem_details_and_publishes_nothing(
        string body, string contentType, HttpStatusCode expected, params string[] wrongFields)
    {
        var before = journey.Host.Tap.OrdersWith("order.created").Count;

        using var content = new StringContent(body, Encoding.UTF8, contentType);
        using var response = await journey.Host.Gateway.PostAsync(new Uri("/orders", UriKind.Relative), content, CancellationToken);

        response.StatusCode.ShouldBe(expected);
        var problem = await Orders.ProblemAsync(response, CancellationToken);
        problem.GetProperty("status").GetInt32().ShouldBe((int)expected);
        if (wrongFields.Length > 0)
        {
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order().ShouldBe(wrongFields.Order());
        }

        // An order placed after it is the only one that comes out.
        var next = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        await journey.Host.Tap.WaitForAsync(next, ["order.created"]);
        journey.Host.Tap.OrdersWith("order.created").Count.ShouldBe(before + 1);
    }
}
