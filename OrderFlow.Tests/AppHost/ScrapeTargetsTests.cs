using System.Text.Json;
using OrderFlow.AppHost.Prometheus;
using OrderFlow.Tests.Support;

namespace OrderFlow.Tests.AppHost;

public sealed class ScrapeTargetsTests
{
    private readonly ProjectResource _service = new("order-service");

    [Fact]
    public void Every_replica_is_a_target_with_the_resource_as_its_job()
    {
        using var directory = new TemporaryDirectory();
        var targets = TargetsIn(directory);

        targets.Follow(Running("order-service-a", "http://localhost:5001"));
        targets.Follow(Running("order-service-b", "http://localhost:5002"));

        var (hosts, job) = Read(directory);
        hosts.ShouldBe(["localhost:5001", "localhost:5002"]);
        job.ShouldBe("order-service");
    }

    [Fact]
    public void Crashed_replica_stays_a_scrape_target_and_an_ended_one_does_not()
    {
        using var directory = new TemporaryDirectory();
        var targets = TargetsIn(directory);
        targets.Follow(Running("order-service-a", "http://localhost:5001"));
        targets.Follow(Running("order-service-b", "http://localhost:5002"));

        targets.Follow(In("order-service-a", KnownResourceStates.Starting));
        targets.Follow(In("order-service-b", KnownResourceStates.Exited));

        Read(directory).Targets.ShouldBe(["localhost:5001"]);
    }

    [Fact]
    public void Process_that_restarts_on_another_port_is_scraped_there()
    {
        using var directory = new TemporaryDirectory();
        var targets = TargetsIn(directory);
        targets.Follow(Running("order-service-a", "http://localhost:5001"));

        targets.Follow(Running("order-service-a", "http://localhost:5009;https://localhost:5010"));

        Read(directory).Targets.ShouldBe(["localhost:5009"]);
    }

    [Fact]
    public void Targets_use_the_host_name_under_which_Prometheus_sees_this_machine()
    {
        using var directory = new TemporaryDirectory();
        var targets = TargetsIn(directory);
        targets.SeenFrom("host.docker.internal");

        targets.Follow(Running("order-service-a", "http://localhost:5001"));

        Read(directory).Targets.ShouldBe(["host.docker.internal:5001"]);
    }

    [Fact]
    public void Resource_without_scrape_targets_has_no_file()
    {
        using var directory = new TemporaryDirectory();
        var targets = new ScrapeTargets(directory.FullPath);

        targets.Follow(Running("order-service-a", "http://localhost:5001"));

        Directory.EnumerateFiles(directory.FullPath).ShouldBeEmpty();
    }

    private static ScrapeTargets TargetsIn(TemporaryDirectory directory)
    {
        var targets = new ScrapeTargets(directory.FullPath);
        targets.Add("order-service", TargetsOf.ListeningUrls);
        return targets;
    }

    private static (string[] Targets, string Job) Read(TemporaryDirectory directory)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(directory.In("order-service.json")));
        var group = file.RootElement.EnumerateArray().Single();
        return ([.. group.GetProperty("targets").EnumerateArray().Select(target => target.GetString()!)],
            group.GetProperty("labels").GetProperty("job").GetString()!);
    }

    private ResourceEvent Running(string id, string urls) =>
        In(id, KnownResourceStates.Running, new EnvironmentVariableSnapshot("ASPNETCORE_URLS", urls, IsFromSpec: true));

    private ResourceEvent In(string id, string state, params EnvironmentVariableSnapshot[] variables) =>
        new(_service, id, new() { ResourceType = "Project", Properties = [], State = state, EnvironmentVariables = [.. variables] });
}
