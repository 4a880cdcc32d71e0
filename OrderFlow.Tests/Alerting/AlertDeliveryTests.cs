using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using OrderFlow.AppHost.Alerting;
using OrderFlow.AppHost.Configuration;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Alerting;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.Alerting;

/// <summary>From Alertmanager to everybody who is told: e-mail, webhook, the console and the chats behind it.</summary>
[Collection("Monitor")]
public sealed class AlertDeliveryTests(PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_and_its_end_arrive_everywhere()
    {
        await using var scene = await SceneAsync();

        await scene.Alertmanager.AlertAsync("OrdersFail", "warning", "orders");

        await Wait.UntilAsync("all are told", () => scene.Told("webhook") >= 1 && scene.Told("dingtalk") >= 1 && scene.Told("wecom") >= 1
            && scene.Told("slack") >= 1 && !scene.Mail.Mails.IsEmpty);
        var mail = scene.Mail.Mails.First();
        mail.ToString().ShouldContain("OrdersFail");
        scene.Receivers.Of("webhook")[0].Body.GetProperty("alerts")[0].GetProperty("status").GetString().ShouldBe("firing");
        var dingTalk = scene.Receivers.Of("dingtalk")[0];
        dingTalk.Body.GetProperty("markdown").GetProperty("text").GetString()!.ShouldContain("OrdersFail ‹b›is‹/b› the matter");
        var query = QueryHelpers.ParseQuery(dingTalk.Query);
        query["sign"].ToString().ShouldBe(Signature(query["timestamp"].ToString(), "SEC42"));
        scene.Receivers.Of("wecom")[0].Body.GetProperty("msgtype").GetString().ShouldBe("markdown");
        scene.Receivers.Of("slack")[0].Body.GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("OrdersFail &lt;b&gt;is");
        var firing = await scene.ListAsync("firing");
        (firing[0].GetProperty("name").GetString(), firing[0].GetProperty("state").GetString()).ShouldBe(("OrdersFail", "firing"));

        await scene.Alertmanager.AlertAsync("OrdersFail", "warning", "orders", endsAt: DateTimeOffset.UtcNow);

        await Wait.UntilAsync(
            "its end is told", () => scene.Titles("slack").Any(title => title.StartsWith("*Resolved", StringComparison.Ordinal)));
        (await scene.ListAsync("firing")).ShouldBeEmpty();
        (await scene.ListAsync("history"))[0].GetProperty("state").GetString().ShouldBe("resolved");
    }

    [Fact]
    public async Task A_receiver_that_fails_is_tried_again_as_often_as_it_may_and_holds_up_no_other()
    {
        await using var scene = await SceneAsync();
        scene.Receivers.Broken["slack"] = scene.Receivers.Refusing["dingtalk"] = scene.Receivers.Silent["webhook"] = true;

        await scene.Alertmanager.AlertAsync("ServiceIsDown", "critical", "platform");

        await Wait.UntilAsync("WeCom is told", () => scene.Told("wecom") == 1 && !scene.Mail.Mails.IsEmpty);
        await Wait.UntilAsync("the others are given up", () => scene.Monitor.Sum("alert.messages", "given_up") == 2);
        (scene.Receivers.AskedOf("slack"), scene.Receivers.AskedOf("dingtalk"), scene.Receivers.AskedOf("wecom")).ShouldBe((3, 2, 1));
        var messages = (await scene.Monitor.GetJsonAsync("/api/alerts")).GetProperty("messages").EnumerateArray()
            .ToDictionary(one => one.GetProperty("channel").GetString()!, one => one.GetProperty("problem").GetString());
        messages.ShouldBe(
            new Dictionary<string, string?> { ["slack"] = "It answered 500.", ["dingtalk"] = "It answered errcode 310000." },
            ignoreOrder: true);
    }

    [Fact]
    public async Task An_alert_that_comes_while_the_chat_is_away_is_told_when_it_is_back()
    {
        await using var scene = await SceneAsync(("Alerts:Slack:Attempts", "10"));
        scene.Receivers.Broken["slack"] = true;
        await scene.Alertmanager.AlertAsync("ServiceIsDown", "critical", "platform");
        await Wait.UntilAsync("it is tried", () => scene.Receivers.AskedOf("slack") >= 1);

        scene.Receivers.Broken.Clear();

        await Wait.UntilAsync("it is told", () => scene.Told("slack") == 1);
    }

    [Fact]
    public async Task An_alert_that_came_before_Alertmanager_was_killed_is_told_after_it()
    {
        await using var scene = await SceneAsync();
        scene.Receivers.Broken["webhook"] = true;
        await scene.Alertmanager.AlertAsync("ServiceIsDown", "critical", "platform");
        await Wait.UntilAsync("it is tried", () => scene.Receivers.AskedOf("webhook") >= 1);

        await scene.Alertmanager.RestartAsync();
        scene.Receivers.Broken.Clear();
        // Prometheus tells of what fires again and again.
        await Wait.UntilAsync("it is told", async () =>
        {
            await scene.Alertmanager.AlertAsync("ServiceIsDown", "critical", "platform");
            return scene.Told("webhook") >= 1;
        });
    }

    [Fact]
    public async Task Without_the_broker_what_follows_from_it_is_not_told()
    {
        await using var scene = await SceneAsync();
        await scene.Alertmanager.AlertAsync("BrokerIsDown", "critical", "platform");
        await Wait.UntilAsync("the cause is told", () => scene.Told("webhook") == 1);

        await scene.Alertmanager.AlertAsync("PublishesFail", "warning", "platform");
        await scene.Alertmanager.AlertAsync("HighCpu", "warning", "platform");

        await Wait.UntilAsync("another is told", () => scene.Alerts("webhook").Contains("HighCpu"));
        scene.Alerts("webhook").ShouldNotContain("PublishesFail");
    }

    [Fact]
    public async Task Who_takes_an_alert_on_is_named_and_chats_are_told_of_it_no_more_until_it_ends()
    {
        await using var scene = await SceneAsync();
        await scene.Alertmanager.AlertAsync("OrdersFail", "critical", "orders");
        await Wait.UntilAsync("it is told", () => scene.Told("slack") == 1);
        var fingerprint = (await scene.ListAsync("firing"))[0].GetProperty("fingerprint").GetString();

        (await scene.PostAsync($"/api/alerts/{fingerprint}/acknowledge", new { by = " " })).ShouldBe(HttpStatusCode.BadRequest);
        (await scene.PostAsync($"/api/alerts/{fingerprint}/acknowledge", new { by = "Ada" })).ShouldBe(HttpStatusCode.OK);
        (await scene.PostAsync($"/api/alerts/{fingerprint}/acknowledge", new { by = "Bob" })).ShouldBe(HttpStatusCode.Conflict);
        (await scene.PostAsync("/api/alerts/nowhere/acknowledge", new { by = "Bob" })).ShouldBe(HttpStatusCode.Conflict);

        var firing = (await scene.ListAsync("firing"))[0];
        (firing.GetProperty("state").GetString(), firing.GetProperty("acknowledgedBy").GetString()).ShouldBe(("acknowledged", "Ada"));
        await scene.Alertmanager.AlertAsync("OrdersFail", "critical", "orders", endsAt: DateTimeOffset.UtcNow);
        await Wait.UntilAsync("its end is told", () => scene.Told("slack") == 2);
    }

    [Fact]
    public async Task A_critical_alert_that_nobody_takes_on_is_told_again_once()
    {
        await using var scene = await SceneAsync(("Alerts:EscalateAfter", "00:00:01"));
        await scene.Alertmanager.AlertAsync("ServiceIsDown", "critical", "platform");
        await scene.Alertmanager.AlertAsync("HighCpu", "warning", "platform");

        await Wait.UntilAsync("it is escalated", () => Escalated().Any());

        Escalated().ShouldHaveSingleItem().ShouldContain("ServiceIsDown");
        (await scene.ListAsync("firing")).Count(one => one.TryGetProperty("escalatedAt", out _)).ShouldBe(1);

        IEnumerable<string> Escalated() => scene.Titles("slack").Where(title => title.StartsWith("*Escalated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silence_is_made_shown_and_ended()
    {
        await using var scene = await SceneAsync();
        await scene.Alertmanager.AlertAsync("OrdersFail", "warning", "orders");
        await Wait.UntilAsync("it is told", () => scene.Told("slack") == 1);
        var fingerprint = (await scene.ListAsync("firing"))[0].GetProperty("fingerprint").GetString();

        (await scene.PostAsync($"/api/alerts/{fingerprint}/silence", new { by = "Ada", comment = "", minutes = 5 }))
            .ShouldBe(HttpStatusCode.BadRequest);
        (await scene.PostAsync($"/api/alerts/{fingerprint}/silence", new { by = "Ada", comment = "known", minutes = 5 }))
            .ShouldBe(HttpStatusCode.OK);

        var silence = (await scene.ListAsync("silences")).ShouldHaveSingleItem();
        silence.GetProperty("by").GetString().ShouldBe("Ada");
        silence.GetProperty("matchers").EnumerateArray().Select(one => one.GetString()).ShouldContain("alertname=OrdersFail");
        var id = silence.GetProperty("id").GetString();
        (await scene.Monitor.Http.DeleteAsync($"/api/alerts/silences/{id}", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.ListAsync("silences")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_alert_that_Alertmanager_takes_is_stored_whatever_its_labels_are()
    {
        await using var scene = await SceneAsync();
        const string alert = """
            {"labels":{"severity":null,"a\u0000":"1","a\ufffd":"2"},"annotations":{"summary":null},
             "startsAt":"2026-01-01T00:00:00Z","fingerprint":"f"}
            """;
        using var content = new StringContent($$"""{"alerts":[{{alert}}]}""", Encoding.UTF8, "application/json");

        using var answer = await scene.Monitor.Http.PostAsync("/api/alerts/notifications", content, Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.ListAsync("firing")).ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("unnamed");
    }

    [Theory]
    [InlineData("by=", "by: It must say who.")]
    [InlineData("by=%00", null)]
    public async Task A_form_that_is_wrong_leads_back_with_what_is_wrong(string form, string? problem)
    {
        await using var scene = await SceneAsync();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = scene.Monitor.Http.BaseAddress };
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");

        using var answer = await http.PostAsync("/alerts/f/acknowledge", content, Cancellation);

        answer.StatusCode.ShouldBe(problem is null ? HttpStatusCode.BadRequest : HttpStatusCode.Redirect);
        if (problem is not null)
        {
            QueryHelpers.ParseQuery(answer.Headers.Location!.ToString().Split('?')[1])["problem"].ToString().ShouldBe(problem);
        }
    }

    [Fact]
    public async Task A_silence_that_is_not_there_is_not_found()
    {
        await using var scene = await SceneAsync();

        using var answer = await scene.Monitor.Http.DeleteAsync($"/api/alerts/silences/{Guid.Empty}", Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"alerts":[null]}""")]
    [InlineData("""{"alerts":[{"labels":{"alertname":"A"}}]}""")]
    [InlineData("""{"alerts":[{"labels":{},"startsAt":"0002-01-01T00:00:00+14:00","fingerprint":"f"}]}""")]
    [InlineData("""
        {"alerts":[{"startsAt":"2026-01-01T00:00:00Z",
                    "fingerprint":"01234567890123456789012345678901234567890123456789012345678901234"}]}
        """)]
    public async Task What_is_no_notification_is_refused(string body)
    {
        await using var scene = await SceneAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        var answer = await scene.Monitor.Http.PostAsync("/api/alerts/notifications", content, Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await scene.ListAsync("firing")).ShouldBeEmpty();
    }

    private static string Signature(string timestamp, string secret) => Convert.ToBase64String(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}\n{secret}")));

    private async Task<Scene> SceneAsync(params (string, string)[] settings)
    {
        var port = FreePorts.Next();
        var (database, receivers, mail) = (await postgres.CreateDatabaseAsync(), await AlertReceivers.StartAsync(), new SmtpServer());
        var monitor = await RunningMonitor.StartAsync(
            "amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString, time: null,
            [
                ("Alerts:DingTalk:Url", receivers.Address("dingtalk") + "?access_token=t"),
                ("Alerts:DingTalk:Secret", "SEC42"),
                ("Alerts:DingTalk:Attempts", "2"),
                ("Alerts:WeCom:Url", receivers.Address("wecom")),
                ("Alerts:Slack:Url", receivers.Address("slack")),
                .. settings,
                ("Monitor:AlertmanagerUrl", $"http://127.0.0.1:{port}"),
            ]);
        await monitor.Get<ISchema>().WaitUntilReadyAsync(Cancellation);
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Alerts:EmailTo"] = "on-call@example.com",
            ["Alerts:SmtpServer"] = $"127.0.0.1:{mail.Port.ToString(CultureInfo.InvariantCulture)}",
            ["Alerts:SmtpTls"] = "false",
            ["Alerts:WebhookUrl"] = receivers.Address("webhook"),
        });
        var alertmanager = await AlertmanagerServer.StartAsync(port, (source, to) =>
            new AlertmanagerConfiguration(source, new AlertSettings(configuration)).WriteAsync(
                to, monitor.Http.BaseAddress!.ToString(), "a token nobody asks for", Cancellation));
        return new Scene(database, monitor, receivers, mail, alertmanager);
    }

    private sealed record Scene(
        TestDatabase Database, RunningMonitor Monitor, AlertReceivers Receivers, SmtpServer Mail, AlertmanagerServer Alertmanager)
        : IAsyncDisposable
    {
        public int Told(string path) => Receivers.Of(path).Count;

        public IReadOnlyList<string> Alerts(string path) =>
        [
            .. Receivers.Of(path).SelectMany(one => one.Body.GetProperty("alerts").EnumerateArray())
                .Select(alert => alert.GetProperty("labels").GetProperty("alertname").GetString()!),
        ];

        public IReadOnlyList<string> Titles(string path) =>
            [.. Receivers.Of(path).Select(one => one.Body.GetProperty("text").GetString()!.Split('\n')[0])];

        public async Task<List<JsonElement>> ListAsync(string part) =>
            [.. (await Monitor.GetJsonAsync("/api/alerts")).GetProperty(part).EnumerateArray()];

        public async Task<HttpStatusCode> PostAsync(string path, object body)
        {
            using var answer = await Monitor.Http.PostAsJsonAsync(path, body, Cancellation);
            return answer.StatusCode;
        }

        public async ValueTask DisposeAsync()
        {
            await Alertmanager.DisposeAsync();
            await Monitor.DisposeAsync();
            await Receivers.DisposeAsync();
            await Mail.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
