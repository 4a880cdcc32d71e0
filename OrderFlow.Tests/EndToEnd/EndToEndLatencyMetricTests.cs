using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>
/// What <c>event_processing_end_to_end_latency_seconds</c> and the console say of orders that something happens to before the last hop.
/// </summary>
public sealed class EndToEndLatencyMetricTests(ITestOutputHelper output)
{
    private const string Counts = "event_processing_end_to_end_latency_seconds_count";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retried_failed_and_replayed_orders_are_counted_by_attempt_also_after_a_kill()
    {
        await using var customers = await CustomersWebhook.StartAsync();
        // For every service, not for NotificationService alone as the AppHost's setting of that name.
        var environment = new Dictionary<string, string>(
            customers.Environment, StringComparer.Ordinal) { ["Messaging__RetryTiers"] = "200ms" };
        await using var host = await OrderFlowHost.StartAsync(environment, Cancellation);
        // A sequence is not rolled back: the first two attempts at the order's payment fail.
        await ExecuteAsync(host, ResourceNames.Payments, """
            CREATE SEQUENCE tries;
            CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF NEW.user_id = 'retried' AND nextval('tries') <= 2 THEN RAISE 'not yet'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER fail_twice BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION fail_twice();
            """);
        await ExecuteAsync(host, ResourceNames.Orders, "ALTER TABLE orders ADD CONSTRAINT refused CHECK (user_id <> 'given-up')");

        var first = await PlaceAsync(host, "first");
        var retried = await PlaceAsync(host, "retried");
        var givenUp = await PlaceAsync(host, "given-up");
        await CountIsAsync(host, "status=\"success\",attempt=\"first\"", 1);
        await CountIsAsync(host, "status=\"success\",attempt=\"retried\"", 1);
        await CountIsAsync(host, "status=\"failure\",attempt=\"retried\",job=\"order-service\"", 1);
        await BecomesAsync(host, first, "ended first");
        await BecomesAsync(host, retried, "ended retried");
        await BecomesAsync(host, givenUp, "failed , given up");

        await host.KillAsync(ResourceNames.OrderService, Cancellation);
        await host.KillAsync(ResourceNames.NotificationService, Cancellation);
        await ExecuteAsync(host, ResourceNames.Orders, "ALTER TABLE orders DROP CONSTRAINT refused");
        var replayAll = new { all = true, by = "a test" };
        using (var answer = await host.Monitor.PostAsJsonAsync("/api/dead-letters/order-service/replay", replayAll, Cancellation))
        {
            answer.EnsureSuccessStatusCode();
        }

        await CountIsAsync(host, "status=\"success\",attempt=\"replayed\"", 1);
        await BecomesAsync(host, givenUp, "ended replayed, given up");
        await CountIsAsync(host, "attempt!=\"replayed\"", 3);
        await CountIsAsync(host, "status=\"success\",attempt!=\"replayed\"", 2);
        await CountIsAsync(host, "status=\"failure\"", 1);
        var dashboard = await host.Monitor.GetFromJsonAsync<JsonElement>(new Uri("/api/dashboard", UriKind.Relative), Cancellation);
        output.WriteLine(dashboard.ToString());
        (dashboard.GetProperty("flowsEnded").GetInt64(), dashboard.GetProperty("flowsFailed").GetInt64(),
        dashboard.GetProperty("replayed").GetProperty("ended").GetInt64()).ShouldBe((2, 1, 1));
        dashboard.GetProperty("errorRate").GetDouble().ShouldBe(1 / 3.0, 1e-9);
    }

    private static Task<string> PlaceAsync(OrderFlowHost host, string userId) =>
        Orders.PlaceAsync(host.Gateway, new { items = new[] { new { id = "item-1", quantity = 1 } }, userId }, Cancellation);

    private static async Task ExecuteAsync(OrderFlowHost host, string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(await host.ConnectionStringAsync(database, Cancellation));
#pragma warning disable CA2100 // The test's own.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task CountIsAsync(OrderFlowHost host, string labels, int count)
    {
        await host.Prometheus.WaitForAsync(
            $"sum({Counts}{{event_type=\"OrderCreationFlow\",{labels}}})", value => value == count, Cancellation);
        output.WriteLine($"{Counts}{{{labels}}} = {count}");
    }

    private async Task BecomesAsync(OrderFlowHost host, string order, string expected)
    {
        var now = "";
        await Wait.UntilAsync(
            () => $"order {order} is '{now}' and should be '{expected}'",
            async () =>
            {
                using var answer = await host.Monitor.GetAsync(new Uri($"/api/orders/{order}", UriKind.Relative), Cancellation);
                if (!answer.IsSuccessStatusCode)
                {
                    return false;
                }

                var shown = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("order");
                var attempt = shown.TryGetProperty("attempt", out var value) ? value.GetString() : "";
                var givenUp = shown.TryGetProperty("givenUpAt", out _) ? ", given up" : "";
                now = $"{shown.GetProperty("status").GetString()} {attempt}{givenUp}";
                return now == expected;
            },
            TimeSpan.FromSeconds(60));
        output.WriteLine($"{order}: {now}");
    }
}
