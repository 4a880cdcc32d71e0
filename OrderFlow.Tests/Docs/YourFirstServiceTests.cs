using System.Net.Http.Json;
using System.Text.RegularExpressions;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.AppHost;
using OrderFlow.Tests.Support.Docs;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Docs;

/// <summary>What <c>docs/your-first-service.md</c> shows is built and run as it stands there.</summary>
public sealed partial class YourFirstServiceTests
{
    private const string MonitorToken = "0123456789abcdef";

    private static readonly IReadOnlyList<FileBlock> Blocks = new MarkdownPage("docs/your-first-service.md").FileBlocks();

    private static readonly string[] HelperFolders = ["OrderFlow.Tests/Support", "OrderFlow.Tests/Support/RabbitMQ"];

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
        foreach (var helper in BrokerHelpers())
        {
            workspace.Copy(helper);
        }

        workspace.Write(Blocks.Where(block => !block.File.StartsWith("OrderFlow.AppHost/", StringComparison.Ordinal)));
        // The script that starts the broker is found from the solution.
        workspace.Copy("OrderFlow.sln");
        workspace.Copy("OrderFlow.AppHost/RabbitMQ");

        await workspace.BuildAsync("OrderFlow.ParcelService");
        var tests = Path.Combine(await workspace.BuildAsync("OrderFlow.Tests", "-p:PlaywrightPlatform=none"), "OrderFlow.Tests");
        var said = await SampleWorkspace.RunAsync(tests, "-class", "OrderFlow.Tests.ParcelService.*", "-noColor");

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
        // Its sources were analysed when the repository was built.
        var program = Path.Combine(await workspace.BuildAsync("OrderFlow.AppHost", "-p:RunAnalyzers=false"), "OrderFlow.AppHost");
        var port = FreePorts.Next();

        await using var system = await AppHostProcess.StartProgramHealthyAsync(
            program, $"--Ports:ParcelService={port}", $"--Parameters:monitor-token={MonitorToken}", "--Simulation:Work=false");
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", MonitorToken) } };
        var body = new { userId = "user-1", items = new[] { new { id = "item-1", quantity = 1 } } };
        using var accepted = await http.PostAsJsonAsync(new Uri(system.Url("Order API"), "/orders"), body, CancellationToken);
        var order = accepted.EnsureSuccessStatusCode().Headers.Location.ShouldNotBeNull();

        await WaitForAsync("order.processed\",handler=\"PackParcelHandler\"", new Uri($"http://localhost:{port}/metrics"));
        await WaitForAsync("parcel.packed", new Uri(system.Url("Console"), $"/api{order.OriginalString}"));

        async Task WaitForAsync(string part, Uri address)
        {
            var seen = "";
            await Wait.UntilAsync(() => $"{part} is at {address}, where there is {seen}; {Warnings()}", async () =>
            {
                using var answer = await http.GetAsync(address, CancellationToken);
                seen = await answer.Content.ReadAsStringAsync(CancellationToken);
                return seen.Contains(part, StringComparison.Ordinal);
            });
        }

        string Warnings()
        {
            using var log = new StreamReader(
                new FileStream(
                    Path.Combine(system.RunDirectory, "logs", "monitor.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return string.Join(
                '\n', log.ReadToEnd().Split('\n').Where(line => line.Contains("warn", StringComparison.Ordinal)).TakeLast(3));
        }
    }

    /// <summary>What a test with a broker needs: helpers that use no others than these.</summary>
    private static IEnumerable<string> BrokerHelpers() =>
        from folder in HelperFolders
        from file in Directory.EnumerateFiles(Repository.File(folder))
        where !OtherRoom().IsMatch(File.ReadAllText(file))
        select Path.Combine(folder, Path.GetFileName(file));

    [GeneratedRegex(@"^using OrderFlow\.Tests\.(?!Support;|Support\.RabbitMQ;)", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OtherRoom();
}
