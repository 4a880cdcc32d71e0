using System.Net.Http.Json;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.AppHost;
using OrderFlow.Tests.Support.Docs;

namespace OrderFlow.Tests.Docs;

/// <summary>What <c>docs/your-first-service.md</c> shows is built and run as it stands there.</summary>
public sealed class YourFirstServiceTests
{
    private static readonly IReadOnlyList<FileBlock> Blocks = new MarkdownPage("docs/your-first-service.md").FileBlocks();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public void The_service_takes_fewer_than_60_lines_of_code()
    {
        Blocks.Count.ShouldBeGreaterThan(8);
        Blocks.Sum(block => block.LinesOfCode).ShouldBeLessThan(60);
    }

    [Fact]
    public async Task The_test_of_the_page_passes_on_a_real_broker()
    {
        using var workspace = new SampleWorkspace();
        workspace.Copy("OrderFlow.Tests/OrderFlow.Tests.csproj");
        workspace.Copy("OrderFlow.Tests/Support");
        // Takes its kinds from a test class, and none of those is here.
        File.Delete(workspace.In("OrderFlow.Tests/Support/RabbitMQ/Garbage.cs"));
        workspace.Write(Blocks.Where(block => !block.File.StartsWith("OrderFlow.AppHost/", StringComparison.Ordinal)));
        // The node's start script is found from the solution.
        workspace.Copy("OrderFlow.sln");
        workspace.Copy("OrderFlow.AppHost/RabbitMQ");

        await workspace.BuildAsync("OrderFlow.ParcelService");
        var tests = await workspace.BuildAsync("OrderFlow.Tests");
        var said = await SampleWorkspace.RunAsync(Path.Combine(tests, "OrderFlow.Tests"), "-class", "OrderFlow.Tests.ParcelService.*", "-noColor");

        said.ShouldContain("Total: 1, Errors: 0, Failed: 0, Skipped: 0");
    }

    [Fact]
    public async Task The_AppHost_starts_the_service_and_an_order_reaches_it()
    {
        using var workspace = new SampleWorkspace();
        workspace.Copy("OrderFlow.AppHost");
        workspace.Copy("monitoring");
        workspace.Write(Blocks.Where(block => !block.File.StartsWith("OrderFlow.Tests/", StringComparison.Ordinal)));
        await workspace.BuildAsync("OrderFlow.ParcelService");
        var host = await workspace.BuildAsync("OrderFlow.AppHost");
        var port = AppHostProcess.FreePort();

        await using var system = await AppHostProcess.StartProgramHealthyAsync(Path.Combine(host, "OrderFlow.AppHost"), $"--Ports:ParcelService={port}", "--Simulation:Work=false");
        using var http = new HttpClient();
        (await http.PostAsJsonAsync(
            new Uri(system.Url("Order API"), "/orders"),
            new { userId = "user-1", items = new[] { new { id = "item-1", quantity = 1 } } }, CancellationToken)).EnsureSuccessStatusCode();

        await Wait.UntilAsync(
            "the service has handled the order",
            async () => (await http.GetStringAsync($"http://localhost:{port}/metrics", CancellationToken)).Split('\n').Any(line =>
                line.StartsWith("events_handled_total{", StringComparison.Ordinal) && line.Contains("PackParcelHandler", StringComparison.Ordinal)));
    }
}
