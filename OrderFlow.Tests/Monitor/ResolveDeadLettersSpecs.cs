using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OrderFlow.Messaging.Transport;
using OrderFlow.Tests.Durability;
using OrderFlow.Tests.Messaging;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Monitor;

[Collection("Monitor")]
public sealed class ResolveDeadLettersSpecs(BrokerFixture broker, PostgresFixture postgres)
{
    private const string Service = "notification-service";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_are_listed_by_their_cause_and_a_group_is_sent_back_to_its_service()
    {
        var kept = Directory.CreateTempSubdirectory("orderflow-discarded-");
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString, settings: ("Monitor:DiscardDirectory", kept.FullName))).ReadyAsync();
        foreach (var queue in new[] { Service, $"{Service}.dead-letters" })
        {
            await host.Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: CancellationToken);
        }

        foreach (var reason in new[] { "retries-exhausted", "retries-exhausted", "unreadable" })
        {
            await DieAsync(host, reason);
        }

        var look = await monitor.GetJsonAsync("/api/dead-letters");
        var listing = look.GetProperty("services").EnumerateArray().Single(one => one.GetProperty("service").GetString() == Service).GetProperty("listing");
        listing.GetProperty("total").GetInt32().ShouldBe(3);
        var largest = listing.GetProperty("groups").EnumerateArray().First();
        largest.GetProperty("count").GetInt32().ShouldBe(2);
        var group = largest.GetProperty("id").GetString();

        var refused = await PostAsync(monitor, new { all = true, reason = " " }, HttpStatusCode.BadRequest, act: "discard");
        refused.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe(["reason", "by"]);

        (await PostAsync(monitor, new { group, dryRun = true })).GetProperty("replayed").GetInt32().ShouldBe(2);
        (await host.Channel.MessageCountAsync(Service, CancellationToken)).ShouldBe(0u);
        (await PostAsync(monitor, new { group })).GetProperty("replayed").GetInt32().ShouldBe(2);
        (await host.Channel.MessageCountAsync(Service, CancellationToken)).ShouldBe(2u);

        var discarded = await PostAsync(monitor, new { all = true, reason = "nobody waits for it", by = "a test" }, act: "discard");
        discarded.GetProperty("discarded").GetInt32().ShouldBe(1);
        var line = JsonDocument.Parse((await File.ReadAllLinesAsync(discarded.GetProperty("writtenTo").GetString()!, CancellationToken)).ShouldHaveSingleItem()).RootElement;
        line.GetRawText().ShouldContain("nobody waits for it");

        foreach (var unclear in new object[] { new { }, new { group, all = true }, new { all = true, rate = -1 } })
        {
            (await PostAsync(monitor, unclear, HttpStatusCode.BadRequest)).GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:invalid-query");
        }

        kept.Delete(recursive: true);
    }

    private static async Task DieAsync(VirtualHost host, string reason) => await host.Channel.BasicPublishAsync(
        "",
        $"{Service}.dead-letters",
        mandatory: true,
        new BasicProperties
        {
            MessageId = Guid.CreateVersion7().ToString(),
            Type = "order.processed",
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [HeaderNames.DeadLetterReason] = Encoding.UTF8.GetBytes(reason) },
        },
        ReadOnlyMemory<byte>.Empty,
        CancellationToken);

    private static async Task<JsonElement> PostAsync(RunningMonitor monitor, object decision, HttpStatusCode status = HttpStatusCode.OK, string act = "replay")
    {
        using var answer = await monitor.Http.PostAsJsonAsync($"/api/dead-letters/{Service}/{act}", decision, CancellationToken);
        answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync(CancellationToken));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
    }
}
