using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrderFlow.NotificationService.NotifyCustomer;

namespace OrderFlow.Tests.Services;

public sealed class WebhookChannelSpecs
{
    private const string Secret = "a secret of some length";

    private static readonly CustomerMessage Message = new(Guid.CreateVersion7(), "order-1", "user-1", "alice@example.org", "order.processed", "subject", "text");

    [Fact]
    public async Task The_body_is_signed_together_with_the_time()
    {
        using var receiver = new Receiver(HttpStatusCode.OK);

        await Channel(receiver).TellAsync(Message, TestContext.Current.CancellationToken);

        var (headers, body) = receiver.Received.ShouldHaveSingleItem();
        var signature = headers[WebhookChannel.SignatureHeader].Split(',');
        var seconds = signature[0]["t=".Length..];
        signature[1].ShouldBe($"v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}");
        headers[WebhookChannel.IdHeader].ShouldBe(Message.Id.ToString());
        JsonDocument.Parse(body).RootElement.GetProperty("orderId").GetString().ShouldBe("order-1");
    }

    [Fact]
    public async Task A_receiver_that_stumbles_is_asked_again_with_the_same_id()
    {
        using var receiver = new Receiver(HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent);

        await Channel(receiver).TellAsync(Message, TestContext.Current.CancellationToken);

        receiver.Received.Count.ShouldBe(3);
        receiver.Received.Select(request => request.Headers[WebhookChannel.IdHeader]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_receiver_that_never_takes_it_is_an_error_that_says_what_it_answered()
    {
        using var receiver = new Receiver(HttpStatusCode.Gone);

        (await Should.ThrowAsync<HttpRequestException>(Channel(receiver).TellAsync(Message, TestContext.Current.CancellationToken))).Message.ShouldContain("answered 410");

        receiver.Received.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_given_up()
    {
        using var receiver = new Receiver();

        await Should.ThrowAsync<TimeoutException>(Channel(receiver).TellAsync(Message, TestContext.Current.CancellationToken));
    }

    private static WebhookChannel Channel(Receiver receiver) => new(
        new HttpClient(receiver),
        Options.Create(new NotificationOptions
        {
            Channel = ChannelKind.Webhook,
            Webhook = new() { Url = new("http://receiver/hook"), Secret = Secret, Timeout = TimeSpan.FromMilliseconds(50), RetryDelay = TimeSpan.Zero },
        }),
        TimeProvider.System);

    /// <summary>Answers with one status after the other, the last one for good; without any, not at all.</summary>
    private sealed class Receiver(params HttpStatusCode[] answers) : HttpMessageHandler
    {
        public ConcurrentQueue<(Dictionary<string, string> Headers, string Body)> Received { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Received.Enqueue((request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value)), await request.Content!.ReadAsStringAsync(cancellationToken)));
            if (answers.Length == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return new HttpResponseMessage(answers[Math.Min(Received.Count, answers.Length) - 1]);
        }
    }
}
