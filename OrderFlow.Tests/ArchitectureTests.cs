using System.Text.RegularExpressions;
using System.Xml.Linq;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests;

/// <summary>
/// Arrows point one way: between projects, and between the rooms (folders) of a library. Each list names rooms from the top to the ground;
/// a room may import those below it. The root of a project composes and stands above all.
/// </summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Rooms = new(StringComparer.Ordinal)
    {
        ["OrderFlow.Messaging"] =
        [
            "Pipeline", "ErrorHandling", "Consuming", "Handlers", "LifecycleEvents", "Heartbeats", "Publishing", "Connections",
            "Routing", "Topology", "Envelope", "LatencyLedger", "Diagnostics", "Configuration",
        ],
        ["OrderFlow.Messaging.Postgres"] = ["Transactions", "Inbox", "Outbox", "Counters", "EndToEnd", "Migrations", "Database"],
        ["OrderFlow.Messaging.Operations"] = ["DeadLetters", "WireTap"],
        ["OrderFlow.Monitor"] =
        [
            "Components", "Components.Parts", "Anomalies", "Alerts", "Processes", "Reconciliation", "DeadLetters", "Traces", "Orders",
            "Latency", "Ingestion.Telemetry", "Ingestion", "Security", "Storage", "Hosting",
        ],
        ["OrderFlow.ServiceDefaults"] = ["Health", "Telemetry", "Tracing", "Http", "Logging", "Simulation", "Startup", "Json"],
        ["OrderFlow.AppHost"] =
        [
            "Running", "Dashboard", "Supervision", "Grafana", "Alerting", "Services", "Postgres", "Prometheus", "Objectives", "RabbitMQ",
            "Configuration",
        ],
        ["tools/OrderFlow.Cli"] =
        [
            "Chaos", "Load", "DeadLetters", "Slo", "Reporting", "Faults.Messages", "Faults.Outage", "Faults", "Verification",
            "Observation", "Ledgers", "Connections", "CommandLine",
        ],
    };

    /// <summary>What stands in a project's root, and below its rooms all the same: names and log messages, which import no room.</summary>
    private static readonly Dictionary<string, string[]> Ground = new(StringComparer.Ordinal)
    {
        ["OrderFlow.AppHost"] = ["Log", "ResourceNames"],
    };

    /// <summary>What each project may reference, as docs/architecture.md has it.</summary>
    private static readonly Dictionary<string, string[]> References = new(StringComparer.Ordinal)
    {
        ["OrderFlow.Contracts"] = [],
        ["OrderFlow.ServiceDefaults"] = [],
        ["OrderFlow.Messaging"] = [],
        ["OrderFlow.Messaging.Postgres"] = ["OrderFlow.Messaging"],
        ["OrderFlow.Messaging.Operations"] = ["OrderFlow.Messaging"],
        ["OrderFlow.Gateway"] = ["OrderFlow.Contracts", "OrderFlow.Messaging", "OrderFlow.ServiceDefaults"],
        ["OrderFlow.OrderService"] =
            ["OrderFlow.Contracts", "OrderFlow.Messaging", "OrderFlow.Messaging.Postgres", "OrderFlow.ServiceDefaults"],
        ["OrderFlow.PaymentService"] =
            ["OrderFlow.Contracts", "OrderFlow.Messaging", "OrderFlow.Messaging.Postgres", "OrderFlow.ServiceDefaults"],
        ["OrderFlow.NotificationService"] =
            ["OrderFlow.Contracts", "OrderFlow.Messaging", "OrderFlow.Messaging.Postgres", "OrderFlow.ServiceDefaults"],
        ["OrderFlow.Monitor"] =
        [
            "OrderFlow.Contracts", "OrderFlow.Messaging", "OrderFlow.Messaging.Operations", "OrderFlow.Messaging.Postgres",
            "OrderFlow.ServiceDefaults",
        ],
        ["OrderFlow.AppHost"] =
        [
            "OrderFlow.Contracts", "OrderFlow.Gateway", "OrderFlow.Monitor", "OrderFlow.NotificationService", "OrderFlow.OrderService",
            "OrderFlow.PaymentService",
        ],
        ["tools/OrderFlow.Cli"] = ["OrderFlow.AppHost", "OrderFlow.Contracts", "OrderFlow.Messaging", "OrderFlow.Messaging.Operations"],
        ["tools/OrderFlow.Benchmarks.Measuring"] = [],
        ["tools/OrderFlow.Benchmarks.Services"] = ["OrderFlow.Benchmarks.Measuring", "OrderFlow.Contracts", "OrderFlow.Messaging"],
        ["tools/OrderFlow.Benchmarks"] =
            ["OrderFlow.Benchmarks.Measuring", "OrderFlow.Benchmarks.Services", "OrderFlow.Contracts", "OrderFlow.Tests"],
    };

    public static TheoryData<string> Libraries => [.. Rooms.Keys];

    public static TheoryData<string> Projects => [.. References.Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_room_imports_a_room_above_it(string project)
    {
        var rooms = Rooms[project];
        var name = project[(project.LastIndexOf('/') + 1)..];
        var wrong = new List<string>();
        foreach (var file in SourcesOf(project))
        {
            var room = RoomOf(project, file);
            if (room.Length == 0)
            {
                continue;
            }

            var height = Array.IndexOf(rooms, room);
            height.ShouldBeGreaterThanOrEqualTo(0, $"{file} is in a room that is not in the list: '{room}'");
            foreach (var imported in Imports().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            {
                if (imported == name && file.EndsWith(".razor", StringComparison.Ordinal))
                {
                    wrong.Add($"{file} imports the root");
                }
                else if (imported.StartsWith($"{name}.", StringComparison.Ordinal)
                    && Array.FindIndex(rooms, one => imported == $"{name}.{one}") is var other and >= 0 && other < height)
                {
                    wrong.Add($"{file}: {room} imports {rooms[other]}, which is above it");
                }
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_room_mentions_what_composes_the_rooms(string project)
    {
        // A room sees the types of its project's root without a using.
        var composing = SourcesOf(project)
            .Where(file => RoomOf(project, file).Length == 0 && !IsGround(project, file))
            .SelectMany(file => Declarations().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .ToHashSet(StringComparer.Ordinal);
        var wrong = SourcesOf(project).Where(file => RoomOf(project, file).Length > 0)
            .SelectMany(file =>
                Words().Matches(CodeOf(file))
                    .Select(match => match.Value)
                    .Distinct()
                    .Where(composing.Contains)
                    .Select(type => $"{file} mentions {type}"));
        wrong.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void What_all_rooms_of_a_project_use_imports_none_of_them(string project)
    {
        var name = project[(project.LastIndexOf('/') + 1)..];
        SourcesOf(project)
            .Where(file => IsGround(project, file))
            .SelectMany(file => Imports().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .Where(imported => imported.StartsWith($"{name}.", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_stands_below_it(string project)
    {
        var references = ProjectFile(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        references.ShouldBeSubsetOf(References[project]);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Internals_are_visible_to_the_tests_alone_and_no_source_is_linked(string project)
    {
        var file = ProjectFile(project);

        file.Descendants("InternalsVisibleTo").Select(one => one.Attribute("Include")!.Value).ShouldBeSubsetOf(["OrderFlow.Tests"]);
        file.Descendants("Compile").Where(one => one.Attribute("Include") is not null).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_of_the_solution_has_its_rule()
    {
        var projects = Directory.EnumerateFiles(Repository.File("."), "OrderFlow.*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => name != "OrderFlow.Tests");

        projects.Except(References.Keys.Select(key => key[(key.LastIndexOf('/') + 1)..]), StringComparer.Ordinal).ShouldBeEmpty();
    }

    private static XDocument ProjectFile(string project) =>
        XDocument.Load(Repository.File($"{project}/{project[(project.LastIndexOf('/') + 1)..]}.csproj"));

    private static IEnumerable<string> SourcesOf(string project) =>
        Directory.EnumerateFiles(Repository.File(project), "*", SearchOption.AllDirectories)
            .Where(file =>
                Path.GetExtension(file) is ".cs" or ".razor"
                    && !file.Contains("/obj/", StringComparison.Ordinal)
                    && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string RoomOf(string project, string file) =>
        Path.GetRelativePath(Repository.File(project), Path.GetDirectoryName(file)!) is var folder and not "."
            ? folder.Replace('/', '.')
            : "";

    private static bool IsGround(string project, string file) =>
        RoomOf(project, file).Length == 0
            && Ground.GetValueOrDefault(project, []).Contains(Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);

    /// <summary>The text without comments, whose references to what is above are no dependency.</summary>
    private static string CodeOf(string file) => Comments().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(
        @"^@?using (?:static )?(?:\w+ = )?(?<name>OrderFlow[\w.]*);?\s*$",
        RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Imports();

    [GeneratedRegex(
        @"^(?:public|internal) (?:[a-z]+ )*(?:class|record|struct|interface|enum) (?:struct )?(?<name>\w+)",
        RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+\b", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Words();

    [GeneratedRegex(@"//[^\n]*|""(?:[^""\\\n]|\\.)*""", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Comments();
}
