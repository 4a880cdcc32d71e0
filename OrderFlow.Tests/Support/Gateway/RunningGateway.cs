using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Gateway;
using OrderFlow.Gateway.DescribeApi;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Gateway.ShedLoad;
using OrderFlow.Gateway.ReadOrder;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Tests.Support.Gateway;

/// <summary>The Gateway on a real Kestrel at a free port, with a bus that records.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    public const string GoodOrder = """{"items":[{"id":"item-1","quantity":2}],"userId":"user-123"}""";

    private readonly WebApplication _app;

    private RunningGateway(WebApplication app, RecordingPublisher publisher)
    {
        _app = app;
        Publisher = publisher;
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address };
    }

    public RecordingPublisher Publisher { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public System.Diagnostics.Metrics.IMeterFactory Meters => _app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    public Admission Admission => _app.Services.GetRequiredService<Admission>();

    public int InFlight => _app.Services.GetRequiredService<InFlightOrders>().Count;

    public static async Task<RunningGateway> StartAsync(TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var publisher = new RecordingPublisher();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddSingleton<IEventPublisher>(publisher);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddHttpEdge();
        builder.AddPlaceOrder();
        builder.AddReadOrder();
        builder.AddApiDescription();
        var app = builder.Build();
        app.UseHttpEdge();
        app.MapPlaceOrder();
        app.MapReadOrder();
        app.MapApiDescription();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningGateway(app, publisher);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string contentType = "application/json") =>
        PostAsync(
            new StringContent(body, Encoding.UTF8)
            {
                Headers = { ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(contentType) }
            });

    public Task<HttpResponseMessage> PostAsync(HttpContent? content, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends bytes as they are, for what an HTTP client refuses to send, and reads one answer.</summary>
    public async Task<RawAnswer> SendRawAsync(params byte[][] parts)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(20));
        using var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port, timeout.Token);
        var stream = client.GetStream();
        try
        {
            foreach (var part in parts)
            {
                await stream.WriteAsync(part, timeout.Token);
            }
        }
        catch (IOException)
        {
            // Turned away before everything was sent; the answer is what counts.
        }

        return await RawAnswer.ReadAsync(stream, timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    public static async Task<JsonElement> ReadProblemAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType?.ToString().ShouldBe("application/problem+json");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        problem.GetProperty("status").GetInt32().ShouldBe((int)response.StatusCode);
        problem.GetProperty("type").GetString().ShouldStartWith("urn:orderflow:problem:");
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        return problem;
    }
}
