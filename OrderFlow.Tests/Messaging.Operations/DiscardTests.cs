using System.Text.Json;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging.Operations;

public sealed class DiscardTests(BrokerFixture broker) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => _directory.In("below", "discarded.jsonl");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_line_has_all_that_is_needed_to_publish_the_event_again()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 2);
        await scene.Raw.SendAsync(
            $"{scene.Service}.dead-letters",
            new BasicProperties
            {
                MessageId = "no id of ours",
                Headers = new Dictionary<string, object?>
                {
                    ["bytes"] = new byte[] { 0xC3, 0x28 },
                    ["nested"] = new Dictionary<string, object?> { ["list"] = new List<object?> { 1, "two", null, true } },
                },
            },
            new byte[] { 0, 1, 255 });
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 3);

        var result = await Library(scene).DiscardAsync(scene.Service, Everything, File, null, Cancellation);

        (result.Discarded, result.Examined, result.Total, result.WrittenTo).ShouldBe((3, 3, 3L, File));
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 0);
        var lines = Read(File);
        var line = lines[1];
        line.GetProperty("messageId").GetGuid().ShouldBe(scene.Ids[1]);
        (line.GetProperty("reason").GetString(), line.GetProperty("by").GetString(), line.GetProperty("service").GetString()).ShouldBe(
            ("no such customer", "alice", scene.Service));
        line.GetProperty("run").GetGuid().ShouldBe(result.RunId);
        line.GetProperty("at").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-1));
        OrderCreated.Parser.ParseFrom(line.GetProperty("bodyBase64").GetBytesFromBase64()).OrderId.ShouldBe("1");
        line.GetProperty("properties").GetProperty("type").GetString().ShouldBe(scene.Bus.Created);
        line.GetProperty("headers").GetProperty(HeaderNames.DeadLetterReason).GetString().ShouldBe(DeadLetterReasons.HandlerFailed);
        line.GetProperty("headers").GetProperty(HeaderNames.DeadLetterExceptionMessage).GetString().ShouldBe("odd");
        var foreign = lines[2];
        foreign.GetProperty("messageId").GetString().ShouldBe("no id of ours");
        foreign.GetProperty("bodyBase64").GetString().ShouldBe("AAH/");
        foreign.GetProperty("headers").GetProperty("bytes").GetProperty("base64").GetString().ShouldBe("wyg=");
        foreign.GetProperty("headers").GetProperty("nested").GetProperty("list").GetRawText().ShouldBe("""[1,"two",null,true]""");
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task A_group_is_discarded_and_the_others_stay_in_place()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 6);
        var group = (await scene.Library.ListAsync(scene.Service, Cancellation)).Groups.Single(
            group => group.Key.ExceptionType == "System.TimeoutException");
        var request = Everything with { Selection = new ReplaySelection.Group(group.Id) };

        var dry = await Library(scene).DiscardAsync(scene.Service, request with { DryRun = true }, File, null, Cancellation);
        System.IO.File.Exists(File).ShouldBeFalse("a dry run writes nothing");
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 6);
        var two = await Library(scene).DiscardAsync(scene.Service, request with { Limit = 2 }, File, null, Cancellation);

        (dry.Discarded, dry.DryRun, two.Discarded).ShouldBe((3, true, 2));
        Read(File).Select(line => line.GetProperty("messageId").GetGuid()).ShouldBe([scene.Ids[1], scene.Ids[3]]);
        (await scene.LeftAsync(4)).ShouldBe([scene.Ids[0], scene.Ids[2], scene.Ids[4], scene.Ids[5]]);
    }

    [Fact]
    public async Task The_observer_is_told_before_the_message_goes_and_can_keep_it()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 3);
        var told = new List<DiscardedLetter>();
        var request = Everything with
        {
            Observer = (letter, _) =>
            {
                Read(File).Select(line => line.GetProperty("messageId").GetString()).ShouldContain(letter.MessageId);
                told.Add(letter);
                return told.Count == 2 ? throw new InvalidOperationException("the audit log is full") : Task.CompletedTask;
            },
        };

        var failure = await Should.ThrowAsync<InvalidOperationException>(
            Library(scene).DiscardAsync(scene.Service, request, File, null, Cancellation));

        failure.Message.ShouldBe("the audit log is full");
        told.Select(letter => (letter.MessageId, letter.Reason, letter.By)).ShouldBe(
            [(scene.Ids[0].ToString(), "no such customer", "alice"), (scene.Ids[1].ToString(), "no such customer", "alice")]);
        (await scene.LeftAsync(2)).ShouldBe(scene.Ids[1..]);
    }

    [Fact]
    public async Task Without_its_file_nothing_is_discarded()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 2);
        Directory.CreateDirectory(File);

        var failure = await Should.ThrowAsync<ReplayException>(
            Library(scene).DiscardAsync(scene.Service, Everything, File, null, Cancellation));

        failure.Message.ShouldStartWith($"What is to be discarded cannot be written to {File}:");
        (await scene.LeftAsync(2)).ShouldBe(scene.Ids);
    }

    [Fact]
    public async Task Half_a_line_of_a_killed_discard_spoils_no_other()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 1);
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, """{"messageId":"0""", Cancellation);

        await Library(scene).DiscardAsync(scene.Service, Everything, File, null, Cancellation);

        var lines = await System.IO.File.ReadAllLinesAsync(File, Cancellation);
        lines.Length.ShouldBe(2);
        JsonDocument.Parse(lines[1]).RootElement.GetProperty("messageId").GetGuid().ShouldBe(scene.Ids[0]);
    }

    [Fact]
    public async Task A_lost_connection_leaves_every_message_in_the_file_or_in_the_queue()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 5);
        using var midway = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var told = 0;
        var request = Everything with
        {
            Observer = async (_, cancellationToken) =>
            {
                if (++told == 3)
                {
                    midway.Release();
                    await goOn.WaitAsync(cancellationToken);
                }
            },
        };

        var discarding = Library(scene).DiscardAsync(scene.Service, request, File, null, Cancellation);
        await midway.WaitAsync(Cancellation);
        await scene.Bus.Node.Management.CloseConnectionAsync("dead-letters");
        goOn.Release();

        (await Should.ThrowAsync<ReplayException>(discarding)).Message.ShouldContain("still a dead letter");
        Read(File).Select(line => line.GetProperty("messageId").GetGuid()).ShouldBe(
            scene.Ids, "all were written before the first left the queue");
        await Wait.UntilAsync(
            "what was not acknowledged is back", async () => await scene.Raw.CountAsync($"{scene.Service}.dead-letters") >= 3);
    }

    internal static IReadOnlyList<JsonElement> Read(string file)
    {
        // A discard may still be writing, so what follows the last line's end is none yet.
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];
    }

    private static DiscardRequest Everything => new(new ReplaySelection.All(), "no such customer", "alice");

    private static DeadLetterDiscard Library(ReplayTests.Scene scene) =>
        new(
            new ConnectionFactory { Uri = new Uri(scene.Bus.Node.ConnectionString), AutomaticRecoveryEnabled = false },
            TimeProvider.System);
}
