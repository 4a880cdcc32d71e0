using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.NotifyCustomer;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.NotificationService.Storage;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Support.Services;

/// <summary>The webhook channel of a service with a database, and a receiver that answers as the test says.</summary>
internal sealed class WebhookScene : IAsyncDisposable
{
    public const string Secret = "a secret of some length";

    public static readonly CustomerMessage Message =
        new(Guid.CreateVersion7(), "order-1", "user-1", "alice@example.org", "order.processed", "subject", "text");

    private readonly TimeProvider _time;

    private WebhookScene(ServiceOnDatabase service, TimeProvider time) => (Service, _time) = (service, time);

    public ServiceOnDatabase Service { get; }

    public static async Task<WebhookScene> StartAsync(PostgresFixture postgres, TimeProvider? time = null) => new(
        await ServiceOnDatabase.StartAsync(postgres, DatabaseNames.Notifications, builder =>
        {
            builder.Services.AddSingleton(time ?? TimeProvider.System);
            builder.AddStorage();
            builder.AddSimulation();
            builder.AddNotifyCustomer();
        }),
        time ?? TimeProvider.System);

    /// <summary>The channel of one replica.</summary>
    public WebhookChannel Channel(HttpMessageHandler receiver, string url = "http://receiver/hook", GoneWebhooks? gone = null) => new(
        new HttpClient(receiver),
        gone ?? ActivatorUtilities.CreateInstance<GoneWebhooks>(Service.Get<IServiceProvider>()),
        Options.Create(new NotificationOptions
        {
            Channel = ChannelKind.Webhook,
            Webhook = new() { Url = new(url), Secret = Secret, Timeout = TimeSpan.FromMilliseconds(500), RetryDelay = TimeSpan.Zero },
        }),
        _time);

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

/// <summary>Answers with one answer after the other, the last one for good; without any, not at all.</summary>
internal sealed class Receiver(params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
{
    public Receiver(params HttpStatusCode[] statuses)
        : this([.. statuses.Select(status => (Func<HttpResponseMessage>)(() => new HttpResponseMessage(status)))])
    {
    }

    public ConcurrentQueue<(Dictionary<string, string> Headers, string Body)> Received { get; } = [];

    /// <summary>An answer that asks to be left alone.</summary>
    public static Func<HttpResponseMessage> RetryAfter(HttpStatusCode status, string header, DateTimeOffset? date = null) => () =>
    {
        var answer = new HttpResponseMessage(status);
        answer.Headers.TryAddWithoutValidation("Retry-After", header);
        answer.Headers.Date = date;
        return answer;
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Received.Enqueue(
            (request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value)),
                await request.Content!.ReadAsStringAsync(cancellationToken)));
        if (answers.Length == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return answers[Math.Min(Received.Count, answers.Length) - 1]();
    }
}
