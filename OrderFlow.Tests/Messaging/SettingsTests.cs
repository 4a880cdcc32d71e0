using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("Prefetch", "0")]
    [InlineData("Prefetch", "65536")]
    [InlineData("Concurrency", "-1")]
    [InlineData("MaxUnconfirmed", "0")]
    [InlineData("CompressOver", "-1")]
    [InlineData("ConfirmTimeout", "00:00:00")]
    [InlineData("Retries", "21")]
    [InlineData("RetryTiers", "5s,soon")]
    [InlineData("RetryTiers", "25h")]
    [InlineData("RetryTiers", "5s,-1s")]
    [InlineData("BrakeAtFailureRate", "0")]
    [InlineData("ManagementUrl", "localhost:15672")]
    [InlineData("ManagementUrl", "/api")]
    [InlineData("ManagementUrl", "http://user:password@localhost:15672")]
    public async Task A_setting_out_of_its_range_stops_the_service_at_start_and_is_named(string name, string value)
    {
        using var host = Build(
            new(StringComparer.Ordinal) { [$"Messaging:{name}"] = value, ["ConnectionStrings:messaging"] = "amqp://u:p@127.0.0.1:1" });

        var mistake = await Should.ThrowAsync<OptionsValidationException>(host.StartAsync(TestContext.Current.CancellationToken));

        mistake.Message.ShouldContain(name);
    }

    [Fact]
    public void A_missing_connection_string_says_what_to_set()
    {
        var mistake = Should.Throw<OptionsValidationException>(() => Build([]));

        mistake.Message.ShouldBe(
            "There is no connection string 'messaging'. The AppHost injects it; "
            + "to run the service alone, set ConnectionStrings__messaging=amqp://<user>:<password>@<host>:5672.");
    }

    [Theory]
    [InlineData("host=broker;password=s3cret")]
    [InlineData("http://u:s3cret@broker:5672")]
    [InlineData("amqp://u:s3cret:more@broker:5672")]
    [InlineData("amqp://u:s3cret@broker:5672/a/b")]
    [InlineData("amqp://u:s3cret@")]
    public void An_invalid_connection_string_is_refused_without_repeating_it(string connectionString)
    {
        var mistake = Should.Throw<OptionsValidationException>(
            () => Build(new(StringComparer.Ordinal) { ["ConnectionStrings:messaging"] = connectionString }));

        mistake.Message.ShouldContain("'messaging'");
        mistake.Message.ShouldContain("amqp://<user>:<password>@<host>:<port>/<vhost>");
        mistake.ToString().ShouldNotContain("s3cret");
    }

    [Fact]
    public void A_connection_string_gives_address_user_and_virtual_host()
    {
        using var host = Build(new(StringComparer.Ordinal) { ["ConnectionStrings:messaging"] = "amqp://or%40der:p%3Aw@broker:5673/shop" });

        var factory = host.Services.GetRequiredService<IConnectionFactory>().ShouldBeOfType<ConnectionFactory>();

        (factory.Endpoint.HostName, factory.Endpoint.Port, factory.UserName, factory.Password, factory.VirtualHost).ShouldBe(
            ("broker", 5673, "or@der", "p:w", "shop"));
    }

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddMessageBroker("messaging");
        builder.AddMessaging("service", _ => { });
        return builder.Build();
    }
}
