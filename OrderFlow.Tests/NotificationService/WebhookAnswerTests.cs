using System.Net;
using System.Net.Sockets;
using System.Text;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;
using OrderFlow.NotificationService.Channels;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.NotificationService;

/// <summary>What each answer of a webhook leads to.</summary>
public sealed class WebhookAnswerTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private readonly JumpingTimeProvider _time = new(Now);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(413)]
    [InlineData(422)]
    [InlineData(499)]
    [InlineData(301)]
    [InlineData(308)]
    public async Task Permanent_answer_of_the_webhook_is_final_after_one_request(int status)
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        using var receiver = new Receiver((HttpStatusCode)status);

        var failure =
            await Should.ThrowAsync<PermanentFailureException>(scene.Channel(receiver).SendAsync(WebhookScene.Message, Cancellation));

        failure.Message.ShouldContain($"answered {status}");
        receiver.Received.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Temporary_answer_of_the_webhook_is_retried(int status)
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        using var receiver = new Receiver((HttpStatusCode)status);

        var failure = await Should.ThrowAsync<HttpRequestException>(scene.Channel(receiver).SendAsync(WebhookScene.Message, Cancellation));

        failure.Message.ShouldContain($"answered {status}");
        receiver.Received.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(302)]
    public async Task Webhook_that_answers_Retry_After_gets_no_notification_until_then(int status)
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        using var receiver =
            new Receiver(Receiver.RetryAfter((HttpStatusCode)status, "60"), () => new HttpResponseMessage(HttpStatusCode.NoContent));
        var channel = scene.Channel(receiver);
        var first = await Should.ThrowAsync<RetryAfterException>(channel.SendAsync(WebhookScene.Message, Cancellation));
        (first.Delay, first.UsesUpRetry).ShouldBe((TimeSpan.FromSeconds(60), true));

        _time.Advance(TimeSpan.FromSeconds(59));
        var other =
            await Should.ThrowAsync<RetryAfterException>(
                channel.SendAsync(WebhookScene.Message with { Id = Guid.CreateVersion7() }, Cancellation));

        (other.Delay, other.UsesUpRetry).ShouldBe((TimeSpan.FromSeconds(1), false));
        receiver.Received.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await channel.SendAsync(WebhookScene.Message, Cancellation);
        receiver.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Jump_of_the_wall_clock_does_not_end_a_pause()
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        using var receiver = new Receiver(Receiver.RetryAfter(HttpStatusCode.ServiceUnavailable, "60"));
        var channel = scene.Channel(receiver);
        await Should.ThrowAsync<RetryAfterException>(channel.SendAsync(WebhookScene.Message, Cancellation));

        foreach (var jump in new[] { TimeSpan.FromHours(-5), TimeSpan.FromHours(10) })
        {
            _time.Jump(jump);
            (await Should.ThrowAsync<RetryAfterException>(channel.SendAsync(WebhookScene.Message, Cancellation))).Delay.ShouldBe(
                TimeSpan.FromSeconds(60));
        }

        receiver.Received.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("120", null, 120)]
    [InlineData("0", null, 0)]
    [InlineData("Mon, 04 May 2026 03:03:01 GMT", null, 60)]
    [InlineData("Mon, 04 May 2026 03:03:01 GMT", "2026-05-04T03:01:01Z", 120)]
    [InlineData("Mon, 04 May 2026 03:00:00 GMT", null, 0)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", null, 86_400)]
    [InlineData("86401", null, 86_400)]
    [InlineData("99999999999999999999", null, 86_400)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    [InlineData("", null, null)]
    public void Retry_After_is_read_as_seconds_or_as_a_date_relative_to_the_answer_and_limited(string header, string? date, int? seconds)
    {
        using var answer =
            Receiver.RetryAfter(
                HttpStatusCode.ServiceUnavailable, header,
                date is null ? null : DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture))();

        RetryAfterHeader.Read(answer.Headers, Now, TimeSpan.FromDays(1))
            .ShouldBe(seconds is { } given ? TimeSpan.FromSeconds(given) : null);
    }

    [Fact]
    public async Task An_endless_body_is_not_read_and_its_connection_is_closed()
    {
        await using var scene = await WebhookScene.StartAsync(postgres);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeEndlesslyAsync(listener);
        var channel = scene.Channel(WebhookChannel.CreateHandler(), $"http://{listener.LocalEndpoint}/");

        await channel.SendAsync(WebhookScene.Message, Cancellation);

        // More than the sockets of both sides hold would have been taken by a reader.
        (await serving.WaitAsync(Wait.Long, Cancellation)).ShouldBeLessThan(64L * 1024 * 1024);
    }

    /// <summary>Answers 200 and then writes until the other side closes; returns how much it could write.</summary>
    private static async Task<long> ServeEndlesslyAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancellation);
        await client.GetStream()
            .WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Cancellation);
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('x', 0x10000)}\r\n");
        var written = 0L;
        try
        {
            while (true)
            {
                await client.GetStream().WriteAsync(chunk, Cancellation);
                written += chunk.Length;
            }
        }
        catch (IOException)
        {
            return written;
        }
    }
}
