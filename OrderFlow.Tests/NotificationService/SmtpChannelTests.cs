using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;
using OrderFlow.NotificationService.Channels;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.NotificationService;

public sealed class SmtpChannelTests
{
    private static readonly CustomerMessage Message =
        new(Guid.CreateVersion7(), "order-1", "user-1", "alice@example.org", "order.processed", "Your order order-1 is complete",
            "You paid 12.48 EUR.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_arrives_with_sender_recipient_subject_and_the_id_of_the_notification()
    {
        await using var server = new SmtpServer();

        await Channel(server.Port).SendAsync(Message, Cancellation);
        await Channel(server.Port).SendAsync(Message, Cancellation);

        var mail = server.Mails.First();
        (mail.Sender, mail.Recipient).ShouldBe(("shop@orderflow.example", "alice@example.org"));
        (mail.Header("From"), mail.Header("To"), mail.Header("Subject")).ShouldBe(
            ("shop@orderflow.example", "alice@example.org", "Your order order-1 is complete"));
        mail.Text.ShouldBe("You paid 12.48 EUR.");
        server.Mails.Select(received => received.Header("Message-ID"))
            .ShouldBe([$"<{Message.Id}@orderflow.example>", $"<{Message.Id}@orderflow.example>"]);
    }

    [Theory]
    [InlineData("RCPT", "450 mailbox busy")]
    [InlineData("MAIL", "421 too many connections")]
    [InlineData("RCPT", "421 closing")]
    [InlineData(SmtpServer.End, "451 try again later")]
    [InlineData(SmtpServer.Greeting, "421 not now")]
    public async Task Temporary_refusal_of_the_mail_server_is_retried(string step, string answer)
    {
        await using var server = new SmtpServer();
        server.Answers[step] = answer;
        var failure = await Should.ThrowAsync<Exception>(Channel(server.Port).SendAsync(Message, Cancellation));
        failure.ShouldNotBeOfType<PermanentFailureException>();
        failure.ShouldNotBeOfType<RetryAfterException>();
        failure.Message.ShouldContain(answer[4..]);
        server.Answers.Clear();

        await Channel(server.Port).SendAsync(Message, Cancellation);

        server.Mails.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("RCPT", "550 no such user")]
    [InlineData("RCPT", "553 mailbox name not allowed")]
    [InlineData(SmtpServer.End, "554 this looks like spam")]
    [InlineData("RCPT", "501 bad address syntax")]
    [InlineData("RCPT", "556 domain takes no mail")]
    [InlineData("MAIL", "552 too large")]
    [InlineData(SmtpServer.End, "552 too large")]
    public async Task Permanent_refusal_of_a_mail_is_not_retried(string step, string answer)
    {
        await using var server = new SmtpServer();
        server.Answers[step] = answer;

        var failure = await Should.ThrowAsync<PermanentFailureException>(Channel(server.Port).SendAsync(Message, Cancellation));

        failure.Message.ShouldStartWith($"The mail server 127.0.0.1:{server.Port} refuses this mail for good ({answer[..3]}): ");
        server.Mails.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(SmtpServer.Greeting, "554 no mail service here")]
    [InlineData("AUTH", "535 wrong password")]
    [InlineData("AUTH", "530 must issue STARTTLS first")]
    [InlineData("MAIL", "530 authentication required")]
    [InlineData("MAIL", "550 sender unknown")]
    [InlineData("MAIL", "554 not from you")]
    [InlineData("RCPT", "530 authentication required")]
    public async Task Refusal_of_the_sender_makes_all_mails_wait_without_using_up_a_retry(string step, string answer)
    {
        await using var server = new SmtpServer();
        server.Answers[step] = answer;
        if (step == "AUTH")
        {
            server.Answers["EHLO"] = "250 AUTH PLAIN";
        }

        var time = new FakeTimeProvider();
        var options = OptionsFor(server.Port);
        (options.Smtp.UserName, options.Smtp.Password) = step == "AUTH" ? ("shop", "s3cret") : ("", "");
        var channel =
            new SmtpChannel(
                Options.Create(options), new LogChannel(NullLogger<LogChannel>.Instance), time, NullLogger<SmtpChannel>.Instance);

        var failure = await Should.ThrowAsync<RetryAfterException>(channel.SendAsync(Message, Cancellation));
        (failure.UsesUpRetry, failure.Delay).ShouldBe((false, SmtpChannel.Pause));
        failure.Message.ShouldContain(answer[4..]);
        time.Advance(SmtpChannel.Pause / 2);
        var asked = server.Commands.Count;
        var other = await Should.ThrowAsync<RetryAfterException>(channel.SendAsync(Message, Cancellation));
        (other.UsesUpRetry, other.Delay).ShouldBe((false, SmtpChannel.Pause / 2));
        server.Commands.Count.ShouldBe(asked);

        server.Answers.Clear();
        if (step == "AUTH")
        {
            server.Answers["EHLO"] = "250 AUTH PLAIN";
            server.Answers["AUTH"] = "235 welcome";
        }

        time.Advance(SmtpChannel.Pause / 2);
        await channel.SendAsync(Message, Cancellation);
        server.Mails.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("no address")]
    [InlineData("alice@example.org\r\nBcc: everyone@example.org")]
    public async Task Invalid_address_of_a_customer_is_not_retried(string address)
    {
        await using var server = new SmtpServer();

        await Should.ThrowAsync<PermanentFailureException>(Channel(server.Port).SendAsync(Message with { Email = address }, Cancellation));

        server.Mails.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(SmtpServer.Greeting)]
    [InlineData("EHLO")]
    [InlineData("RCPT")]
    [InlineData(SmtpServer.End)]
    public async Task Mail_server_that_stops_answering_ends_in_a_time_out(string step)
    {
        await using var server = new SmtpServer();
        server.Answers[step] = "";

        var failure =
            await Should.ThrowAsync<TimeoutException>(
                Channel(server.Port, timeoutSeconds: 1).SendAsync(Message, Cancellation)
                    .WaitAsync(TimeSpan.FromSeconds(30), Cancellation));

        failure.Message.ShouldBe($"The mail server 127.0.0.1:{server.Port} did not take the mail within 1 s.");
    }

    [Fact]
    public async Task Unreachable_mail_server_is_retried()
    {
        await Should.ThrowAsync<SocketException>(Channel(FreePorts.Next()).SendAsync(Message, Cancellation));
    }

    [Fact]
    public async Task Accepted_mail_counts_as_sent_although_the_server_does_not_answer_QUIT()
    {
        await using var server = new SmtpServer();
        server.Answers["QUIT"] = "";

        await Channel(server.Port, timeoutSeconds: 1).SendAsync(Message, Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        server.Mails.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Password_is_not_sent_to_a_server_without_TLS()
    {
        await using var server = new SmtpServer();
        var options = OptionsFor(server.Port);
        (options.Smtp.Tls, options.Smtp.UserName, options.Smtp.Password) = (true, "shop", "s3cret");

        var failure = await Should.ThrowAsync<RetryAfterException>(Channel(options).SendAsync(Message, Cancellation));

        failure.Message.ShouldContain("STARTTLS");
        server.Commands.ShouldNotContain("AUTH");
        server.Mails.ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_of_the_service_is_not_reported_as_a_time_out()
    {
        await using var server = new SmtpServer();
        server.Answers[SmtpServer.Greeting] = "";
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<OperationCanceledException>(Channel(server.Port, timeoutSeconds: 300).SendAsync(Message, stop.Token));
    }

    [Fact]
    public async Task Order_without_an_email_address_needs_no_mail_server()
    {
        await Channel(port: 1).SendAsync(Message with { Email = "" }, Cancellation);
    }

    [Fact]
    public async Task A_mail_is_a_client_span_in_the_trace_of_its_order()
    {
        await using var server = new SmtpServer();
        using var spans = new ClientSpans();

        await Channel(server.Port).SendAsync(Message, Cancellation);

        var span = spans.Single();
        (span.OperationName, span.Kind, span.Status, span.ParentSpanId).ShouldBe(
            ("send mail", ActivityKind.Client, ActivityStatusCode.Unset, spans.Order.SpanId));
        span.TagObjects.ToDictionary(
            tag => tag.Key, tag => tag.Value, StringComparer.Ordinal).ShouldBe(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["server.address"] = "127.0.0.1",
            ["server.port"] = server.Port,
            ["network.protocol.name"] = "smtp",
        }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("RCPT", "550 no such user", "550")]
    [InlineData("RCPT", "450 mailbox busy", "450")]
    [InlineData("RCPT", "", "System.TimeoutException")]
    public async Task Refused_mail_is_a_failed_span_with_the_error_type(string step, string answer, string errorType)
    {
        await using var server = new SmtpServer();
        server.Answers[step] = answer;
        using var spans = new ClientSpans();

        await Should.ThrowAsync<Exception>(Channel(server.Port, timeoutSeconds: 5).SendAsync(Message, Cancellation));

        var span = spans.Single();
        (span.Status, span.StatusDescription, span.GetTagItem("error.type")).ShouldBe((ActivityStatusCode.Error, null, errorType));
    }

    private static SmtpChannel Channel(int port, int timeoutSeconds = 30) => Channel(OptionsFor(port, timeoutSeconds));

    private static SmtpChannel Channel(NotificationOptions options) =>
        new(Options.Create(options), new LogChannel(NullLogger<LogChannel>.Instance), TimeProvider.System,
            NullLogger<SmtpChannel>.Instance);

    private static NotificationOptions OptionsFor(int port, int timeoutSeconds = 30) => new()
    {
        Channel = ChannelKind.Smtp,
        Smtp = new() { Host = "127.0.0.1", Port = port, Tls = false, From = "shop@orderflow.example", TimeoutSeconds = timeoutSeconds },
    };

    /// <summary>What the service does within a span of this test.</summary>
    private sealed class ClientSpans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public ClientSpans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == SmtpSpan.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
            Order.Start();
        }

        public Activity Order { get; } = new("process order.processed");

        public Activity Single() => _ended.Where(span => span.TraceId == Order.TraceId).ShouldHaveSingleItem();

        public void Dispose()
        {
            Order.Dispose();
            _listener.Dispose();
        }
    }
}
