using Microsoft.Extensions.Configuration;
using OrderFlow.AppHost.Alerting;
using OrderFlow.AppHost.Configuration;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Alerting;

public sealed class AlertmanagerConfigurationTests
{
    private static readonly string Source = Repository.File("monitoring/alertmanager.yml");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Addresses_of_the_run_are_put_in_and_the_token_is_in_a_file_of_its_own()
    {
        var written = await WriteAsync(
            Source, "http://localhost:1234", ("EmailTo", "a@example.com, b@example.com"), ("SmtpServer", "mail.example.com:587"),
            ("SmtpUser", "user"), ("SmtpPassword", "pass: word"), ("WebhookUrl", "https://h.example.com/x"));

        Count(written, "url: http://localhost:1234/api/alerts/notifications").ShouldBe(2);
        Count(written, "url: \"https://h.example.com/x\"").ShouldBe(2);
        Count(written, "to: \"a@example.com, b@example.com\"").ShouldBe(2);
        Count(written, "smarthost: \"mail.example.com:587\"").ShouldBe(2);
        Count(written, "auth_password: \"pass: word\"").ShouldBe(2);
        written.ShouldNotContain("the token");
    }

    [Fact]
    public async Task Without_the_Monitor_it_is_told_nothing()
    {
        (await WriteAsync(Source, monitor: null)).ShouldNotContain("/api/alerts/notifications");
    }

    [Theory]
    [InlineData("repeat_interval: 4h", "repeat_intervall: 4h", "field repeat_intervall not found")]
    [InlineData("receiver: orders", "receiver: ordres", "undefined receiver \"ordres\"")]
    [InlineData("matchers: [team=\"orders\"]", "matchers: [team orders]", "bad matcher")]
    [InlineData("group_wait: 10s", "group_wait: soon", "not a valid duration")]
    public async Task A_file_that_is_wrong_is_refused_with_what_is_wrong(string right, string wrong, string problem)
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.FullPath, "alertmanager.yml");
        var text = await File.ReadAllTextAsync(Source, Cancellation);
        await File.WriteAllTextAsync(file, text.Replace(right, wrong, StringComparison.Ordinal), Cancellation);

        var refused = await Should.ThrowAsync<DistributedApplicationException>(WriteAsync(file, "http://localhost:1234"));

        refused.Message.ShouldStartWith($"{file} is wrong: ");
        refused.Message.ShouldContain(problem);
    }

    [Theory]
    [InlineData("WebhookUrl", "ftp://example.com", "Alerts:WebhookUrl is no address")]
    [InlineData("SlackUrl", "hooks", "Alerts:SlackUrl is no address")]
    [InlineData("SmtpServer", "mail:x", "Alerts:SmtpServer is 'mail:x'")]
    [InlineData("SmtpServer", "mail:1:2", "Alerts:SmtpServer is 'mail:1:2'")]
    [InlineData("SmtpTls", "maybe", "Alerts:SmtpTls is 'maybe'")]
    public void A_setting_that_is_wrong_is_named(string setting, string value, string problem) =>
        Settings((setting, value)).Problems.ShouldHaveSingleItem().ShouldContain(problem);

    private static AlertSettings Settings(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.Select(one => KeyValuePair.Create($"Alerts:{one.Name}", (string?)one.Value)));
        return new AlertSettings(configuration);
    }

    private static async Task<string> WriteAsync(string source, string? monitor, params (string Name, string Value)[] settings)
    {
        using var directory = new TemporaryDirectory();
        await new AlertmanagerConfiguration(source, Settings(settings)).WriteAsync(directory.FullPath, monitor, "the token", Cancellation);
        (await File.ReadAllTextAsync(Path.Combine(directory.FullPath, AlertmanagerConfiguration.TokenFile), Cancellation))
            .ShouldBe("the token");
        return await File.ReadAllTextAsync(Path.Combine(directory.FullPath, AlertmanagerConfiguration.FileName), Cancellation);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
