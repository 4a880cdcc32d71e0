using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Tests.Cli.Connections;

public sealed class RunningSystemTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("orderflow-load-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void The_nearest_connection_file_above_is_found()
    {
        Write("""
            {
                "gateway": "http://localhost:8080", "notificationService": "http://localhost:8082",
                "messaging": "amqp://u:p@localhost:5672", "prometheus": null, "managementUrl": "http://localhost:15672"
            }
            """);
        var below = _root.CreateSubdirectory("a/b/c").FullName;

        var system = RunningSystem.Find(null, null, below);

        system.Gateway.ShouldBe(new Uri("http://localhost:8080"));
        system.Broker.ShouldBe(new Uri("amqp://u:p@localhost:5672"));
        system.BrokerName.ShouldBe("localhost:5672");
    }

    [Fact]
    public void The_options_win_over_the_file()
    {
        Write("""{"gateway":"http://localhost:8080","messaging":"amqp://u:p@localhost:5672"}""");

        RunningSystem.Find("http://other:1", null, _root.FullName).Gateway.ShouldBe(new Uri("http://other:1"));
        RunningSystem.Find("http://other:1", "amqp://x:y@other:2", "/").BrokerName.ShouldBe("other:2");
    }

    [Fact]
    public void When_nothing_runs_the_error_says_how_to_start_it() =>
        Should.Throw<CommandException>(() => RunningSystem.Find(null, null, _root.FullName)).Message.ShouldContain("./run.sh");

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"gateway":"http://localhost:8080"}""")]
    [InlineData("""{"gateway":8080}""")]
    public void An_incomplete_file_is_named_in_the_error(string content)
    {
        Write(content);

        Should.Throw<CommandException>(() => RunningSystem.Find(null, null, _root.FullName)).Message.ShouldContain("connection.json");
    }

    [Fact]
    public void A_wrong_broker_address_is_refused_without_repeating_its_password() =>
        Should.Throw<CommandException>(() => RunningSystem.Find("http://localhost:1", "http://user:secret@localhost")).Message
            .ShouldNotContain("secret");

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("amqp://localhost")]
    public void A_wrong_gateway_address_is_refused(string gateway) =>
        Should.Throw<CommandException>(() => RunningSystem.Find(gateway, "amqp://u:p@localhost")).Message.ShouldContain(gateway);

    private void Write(string content)
    {
        _root.CreateSubdirectory(".run");
        File.WriteAllText(Path.Combine(_root.FullName, ConnectionFile.RelativePath), content);
    }
}
