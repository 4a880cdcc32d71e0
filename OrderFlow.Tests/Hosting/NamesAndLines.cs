using OrderFlow.Hosting.Running;

namespace OrderFlow.Tests.Hosting;

public sealed class NamesAndLines
{
    [Theory]
    [InlineData("order-service2")]
    [InlineData("a")]
    public void Names_of_letters_digits_and_single_hyphens_are_allowed(string name) => new ParameterResource(name, _ => "").Name.ShouldBe(name);

    [Theory]
    [InlineData("order_service")]
    [InlineData("2nd")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a--b")]
    [InlineData("größe")]
    public void Other_names_are_refused(string name) =>
        Should.Throw<ArgumentException>(() => new ParameterResource(name, _ => "")).Message.ShouldStartWith($"Resource name '{name}' is invalid: ");

    [Fact]
    public async Task Two_resources_of_one_name_are_refused()
    {
        await using var app = new LocalApp();
        app.AddScript("twin", "");

        Should.Throw<DistributedApplicationException>(() => app.Builder.AddParameter("Twin", "x")).Message.ShouldStartWith("There are two resources named 'Twin': ");
    }

    [Theory]
    [InlineData("""{"Timestamp":"12:00","LogLevel":"Information","Category":"X","Message":"Order placed"}""", "info Order placed")]
    [InlineData("""{"LogLevel":"Error","Message":"It broke","Exception":"System.Exception: no\n   at X"}""", "FAIL It broke System.Exception: no")]
    [InlineData("""{"level":"warn","message":"careful"}""", "warn careful")]
    [InlineData("""{"no":"message"}""", """{"no":"message"}""")]
    [InlineData("{broken", "{broken")]
    [InlineData("[1]", "[1]")]
    [InlineData("plain text", "plain text")]
    public void A_JSON_log_line_is_shown_as_level_and_message_and_any_other_as_it_is(string line, string shown) => LogLine.Readable(line).ShouldBe(shown);

    [Fact]
    public async Task A_log_keeps_the_output_as_it_is_and_the_last_run_beside_it()
    {
        using var directory = new TemporaryDirectory();
        using (var log = new ResourceLog(directory.FullPath, "web"))
        {
            for (var i = 1; i <= 30; i++)
            {
                log.Write($"line {i}");
            }

            log.LastLines.ShouldBe(Enumerable.Range(11, 20).Select(i => $"line {i}"));
        }

        using (var next = new ResourceLog(directory.FullPath, "web"))
        {
            next.Write("new");
        }

        (await File.ReadAllLinesAsync(directory.In("web.log"), TestContext.Current.CancellationToken)).ShouldBe(["new"]);
        (await File.ReadAllLinesAsync(directory.In("web.log.1"), TestContext.Current.CancellationToken)).Length.ShouldBe(30);
    }
}
