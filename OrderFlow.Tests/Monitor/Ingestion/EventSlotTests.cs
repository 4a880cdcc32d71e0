using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Ingestion;

/// <summary>Copies of one event that were published on different days.</summary>
[Collection("Monitor")]
public sealed class EventSlotTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly JumpingTimeProvider _time = new(Now);

    public static TheoryData<string> Ids =>
    [
        // Made now, in an hour that is yesterday in no time zone; made an hour before midnight; made by clocks three days behind and
        // ahead.
        Made(Now), Made(Now.AddHours(-13)), Made(Now.AddDays(-3)), Made(Now.AddDays(3)),
        // No UUIDv7, one from 1970, one from 2300, one from the year 9999 and one beyond it.
        "0f2b1a34-5c6d-8e7f-9a0b-1c2d3e4f5a6b", "00000000-0000-0000-0000-000000000001", "00000000-0001-7000-8000-000000000001",
        Made(new DateTimeOffset(2300, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        Made(DateTimeOffset.MaxValue), "ffffffff-ffff-7fff-bfff-ffffffffffff",
    ];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Copies_published_on_two_days_are_stored_and_counted_once_in_any_order(string id)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        var order = OrderEvents.From(Now);
        var created = order.Created with { Context = order.Created.Context with { EventId = new Guid(id) } };
        int[] days = [0, 1, -2, 0, -1];

        foreach (var day in days)
        {
            await monitor.ReceiveAsync(created.PublishedAt(Now.AddDays(day)));
        }

        await monitor.ReceiveAsync(days.Select(day => created.PublishedAt(Now.AddDays(day))));
        _time.Advance(TimeSpan.FromDays(1));
        await monitor.ReceiveAsync(created.PublishedAt(Now.AddDays(2)));

        await IsStoredOnceAsync(database);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Copies_published_on_two_days_in_one_batch_are_stored_once(int ordinal)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        var created = OrderEvents.From(Now).Created;
        created = ordinal == 0 ? created : created with { Context = created.Context with { EventId = Guid.NewGuid() } };

        await monitor.ReceiveAsync(created.PublishedAt(Now), created.PublishedAt(Now.AddDays(1)));

        await IsStoredOnceAsync(database);
    }

    [Fact]
    public async Task Copies_are_stored_once_when_the_clock_of_the_Monitor_changes_between_them()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        var created = OrderEvents.From(Now).Created;

        foreach (var jump in new[] { TimeSpan.Zero, TimeSpan.FromHours(30), TimeSpan.FromHours(-60) })
        {
            _time.Jump(jump);
            await monitor.ReceiveAsync(created.PublishedAt(_time.GetUtcNow()));
        }

        await IsStoredOnceAsync(database);
    }

    private static string Made(DateTimeOffset at) => Guid.CreateVersion7(at).ToString();

    private static async Task IsStoredOnceAsync(TestDatabase database)
    {
        (await database.CountAsync("events")).ShouldBe(1);
        (await database.ScalarAsync<long>("SELECT sum(count)::bigint FROM event_counts")).ShouldBe(1);
        (await database.ScalarAsync<long>("SELECT sum(events)::bigint FROM flows")).ShouldBe(1);
        (await database.CountAsync("unreadable")).ShouldBe(0);
    }
}
