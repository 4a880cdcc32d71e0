using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.PaymentService.Provider;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class SimulationSwitchTests
{
    private const string Key = "a key of some length";
    private const string FailureRate = "/simulation/failure-rate";
    private const string Latency = "/simulation/latency";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failure_rate_that_is_PUT_applies_from_the_next_delivery_on()
    {
        await using var app = await StartAsync();
        var failure = app.Services.GetRequiredService<SimulatedFailure>();
        using var http = Client(app);
        Should.NotThrow(() => failure.ThrowIfDue(Guid.CreateVersion7()));

        (await PutAsync(http, FailureRate, """{"failureRate":1}""")).ShouldBe(HttpStatusCode.NoContent);
        Should.Throw<SimulatedFailureException>(() => failure.ThrowIfDue(Guid.CreateVersion7())).Message.ShouldContain("FailureRate is 1");
        (await http.GetStringAsync(FailureRate, Cancellation)).ShouldBe("""{"failureRate":1}""");

        (await PutAsync(http, FailureRate, """{"failureRate":0}""")).ShouldBe(HttpStatusCode.NoContent);
        Should.NotThrow(() => failure.ThrowIfDue(Guid.CreateVersion7()));
        (await http.GetStringAsync(FailureRate, Cancellation)).ShouldBe("""{"failureRate":0}""");
    }

    [Fact]
    public async Task Latency_that_is_PUT_applies_from_the_next_payment_on_and_null_restores_the_configured_one()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(time, ("SimulatedProvider:MinLatencyMs", "300"), ("SimulatedProvider:MaxLatencyMs", "300"));
        using var http = Client(app);
        (await http.GetStringAsync(Latency, Cancellation)).ShouldBe("""{"latencyMs":null}""");

        (await PutAsync(http, Latency, """{"latencyMs":2000}""")).ShouldBe(HttpStatusCode.NoContent);
        (await http.GetStringAsync(Latency, Cancellation)).ShouldBe("""{"latencyMs":2000}""");
        await ChargesInAsync(2000);

        (await PutAsync(http, Latency, """{"latencyMs":0}""")).ShouldBe(HttpStatusCode.NoContent);
        (await ChargeAsync())!.IsApproved.ShouldBeTrue();

        (await PutAsync(http, Latency, """{"latencyMs":null}""")).ShouldBe(HttpStatusCode.NoContent);
        (await http.GetStringAsync(Latency, Cancellation)).ShouldBe("""{"latencyMs":null}""");
        await ChargesInAsync(300);

        Task<ChargeAnswer?> ChargeAsync() => app.Services.GetRequiredService<IPaymentProvider>()
            .ChargeAsync(new Charge(Guid.NewGuid(), Guid.NewGuid(), "user-1", 1, "EUR"), Cancellation);

        async Task ChargesInAsync(int milliseconds)
        {
            var charge = ChargeAsync();
            time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
            charge.IsCompleted.ShouldBeFalse();
            time.Advance(TimeSpan.FromMilliseconds(1));
            (await charge.WaitAsync(Wait.Long, Cancellation))!.IsApproved.ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(FailureRate, """{"failureRate":-0.1}""", "failureRate must be a number from 0")]
    [InlineData(FailureRate, """{"failureRate":1.01}""", "failureRate must be a number from 0")]
    [InlineData(FailureRate, """{"failureRate":"1"}""", "JSON object")]
    [InlineData(FailureRate, """{"failureRate":null}""", "JSON object")]
    [InlineData(FailureRate, """{"failureRate":1,"mode":"Transient"}""", "JSON object")]
    [InlineData(FailureRate, "{}", "JSON object")]
    [InlineData(FailureRate, "null", "JSON object")]
    [InlineData(FailureRate, "", "JSON object")]
    [InlineData(Latency, """{"latencyMs":-1}""", "latencyMs must be a whole number from 0 to 60000")]
    [InlineData(Latency, """{"latencyMs":60001}""", "latencyMs must be a whole number from 0 to 60000")]
    [InlineData(Latency, """{"latencyMs":1.5}""", "JSON object")]
    [InlineData(Latency, "{}", "JSON object")]
    [InlineData(Latency, "[2000]", "JSON object")]
    public async Task Invalid_switch_value_is_answered_with_a_problem_and_changes_nothing(string path, string body, string problem)
    {
        await using var app = await StartAsync();
        using var http = Client(app);
        var before = await http.GetStringAsync(path, Cancellation);

        using var answer = await http.PutAsync(path, Json(body), Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString()!.ShouldContain(problem);
        (await http.GetStringAsync(path, Cancellation)).ShouldBe(before);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer a key of some lengtH")]
    [InlineData("Bearer a key of some length and more")]
    [InlineData("Basic a key of some length")]
    [InlineData("a key of some length")]
    public async Task Switch_without_the_key_can_neither_be_changed_nor_read(string? authorization)
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);

        foreach (var (path, body) in new[] { (FailureRate, """{"failureRate":1}"""), (Latency, """{"latencyMs":2000}""") })
        {
            using var put = await http.PutAsync(path, Json(body), Cancellation);
            using var get = await http.GetAsync(path, Cancellation);
            (put.StatusCode, get.StatusCode).ShouldBe((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized));
            put.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
            (await put.Content.ReadAsStringAsync(Cancellation)).ShouldNotContain(Key);
        }

        app.Services.GetRequiredService<SimulatedFailure>().Rate.ShouldBe(0);
        app.Services.GetRequiredService<SimulatedLatency>().SwitchedMs.ShouldBeNull();
    }

    [Fact]
    public async Task Switches_do_not_exist_by_default_even_with_a_key()
    {
        await using var app = await StartAsync(settings: ("Simulation:Switchable", null));
        using var http = Client(app);

        foreach (var path in (string[])[FailureRate, Latency])
        {
            (await http.GetAsync(path, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await http.PutAsync(path, Json("{}"), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("fifteen letters")]
    public async Task Switchable_simulation_with_a_short_key_ends_the_start(string key) =>
        (await Should.ThrowAsync<OptionsValidationException>(async () =>
            await StartAsync(settings: ("Simulation:Key", key)))).Message.ShouldContain(
                "Simulation:Key must be a secret of at least 16 characters");

    [Fact]
    public async Task Requests_to_switches_are_not_in_the_request_metrics()
    {
        await using var app = await StartAsync();
        using var probe = new MeterProbe(app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        using var http = Client(app);

        await PutAsync(http, FailureRate, """{"failureRate":0}""");
        await http.GetAsync("/other", Cancellation);

        await Wait.UntilAsync(() => probe.Of("http.server.request.duration").Count > 0);
        probe.Of("http.server.request.duration").ShouldHaveSingleItem().Tags.ShouldContain("http.route=/other");
    }

    /// <summary>Both switches in one host; the services have one each.</summary>
    private static async Task<WebApplication> StartAsync(TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration["Simulation:Switchable"] = "true";
        builder.Configuration["Simulation:Key"] = Key;
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddSimulation();
        builder.AddPaymentProvider();
        var app = builder.Build();
        app.MapFailureRateSwitch();
        app.MapLatencySwitch();
        app.MapGet("/other", () => "");
        await app.StartAsync(Cancellation);
        return app;
    }

    private static HttpClient Client(WebApplication app) => new()
    {
        BaseAddress = new Uri(app.Urls.Single()),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Key) },
    };

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<HttpStatusCode> PutAsync(HttpClient http, string path, string body)
    {
        using var answer = await http.PutAsync(path, Json(body), Cancellation);
        return answer.StatusCode;
    }
}
