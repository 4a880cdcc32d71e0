using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

public sealed class SlowPaymentTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bottleneck_of_slow_payments_is_PaymentService()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken, "--Simulation:PaymentLatency=5s");

        const int orders = 3;
        for (var i = 0; i < orders; i++)
        {
            await Orders.PlaceAsync(host.Gateway, CancellationToken);
        }

        var shown = default(JsonElement);
        await Wait.UntilAsync(
            () => $"{orders} orders to end at the Monitor, which says: {shown}",
            async () =>
            {
                shown = await host.Monitor.GetFromJsonAsync<JsonElement>("/api/bottleneck?minutes=5", CancellationToken);
                return shown.GetProperty("flows").GetInt64() == orders;
            },
            TimeSpan.FromSeconds(60));

        shown.GetProperty("answer").GetString()!.ShouldStartWith("payment-service, handling payment.requested: ");
        var stage = shown.GetProperty("stage");
        stage.GetProperty("service").GetString().ShouldBe("payment-service");
        stage.GetProperty("p50Micros").GetInt64().ShouldBeGreaterThanOrEqualTo(4_990_000);
    }
}
