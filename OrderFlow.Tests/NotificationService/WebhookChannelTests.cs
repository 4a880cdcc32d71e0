using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrderFlow.Contracts;
using OrderFlow.NotificationService.Channels;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.NotificationService;

public sealed class WebhookChannelTests(PostgresFixture postgres)
{
    private static readonly CustomerMessage Message = WebhookScene.Message;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_body_is_signed_together_with_the_time()
    {
        await using var scene = await WebhookScene.StartAsync(postgres);
        using var receiver = new Receiver(HttpStatusCode.OK);

        await scene.Channel(receiver).SendAsync(Message, Cancellation);

        var (headers, body) = receiver.Received.ShouldHaveSingleItem();
        var signature = headers[HttpHeaders.WebhookSignature].Split(',');
        var seconds = signature[0]["t=".Length..];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(WebhookScene.Secret), Encoding.UTF8.GetBytes($"{seconds}.{body}"));
        signature[1].ShouldBe($"v1={Convert.ToHexStringLower(expected)}");
        headers[HttpHeaders.NotificationId].ShouldBe(Message.Id.ToString());
        JsonDocument.Parse(body).RootElement.GetProperty("orderId").GetString().ShouldBe("order-1");
    }

    [Fact]
    public async Task Webhook_that_fails_once_is_called_again_with_the_same_notification_id()
    {
        await using var scene = await WebhookScene.StartAsync(postgres);
        using var receiver = new Receiver(HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent);

        await scene.Channel(receiver).SendAsync(Message, Cancellation);

        receiver.Received.Count.ShouldBe(3);
        receiver.Received.Select(request => request.Headers[HttpHeaders.NotificationId]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Webhook_that_does_not_answer_ends_in_a_time_out()
    {
        await using var scene = await WebhookScene.StartAsync(postgres);
        using var receiver = new Receiver(Array.Empty<HttpStatusCode>());

        await Should.ThrowAsync<TimeoutException>(scene.Channel(receiver).SendAsync(Message, Cancellation));

        receiver.Received.Count.ShouldBe(3);
    }
}
