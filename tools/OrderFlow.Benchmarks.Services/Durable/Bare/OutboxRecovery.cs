using Npgsql;
using OrderFlow.Benchmarks.Services.Hosting;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Publishes what a crash left between a commit and its confirms.</summary>
internal static class OutboxRecovery
{
    /// <summary>Returns when the broker has confirmed all of it.</summary>
    public static async Task PublishAsync(ServiceArguments service, string database)
    {
        await using var connection = new NpgsqlConnection(service.Database(database));
        await connection.OpenAsync();
        await using var broker = await BrokerChannels.ConnectAsync(service.Broker);
        await using var channel = await broker.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var rows = 0;
        await using (var select = new NpgsqlCommand("SELECT queue, event_ids, bodies FROM outbox ORDER BY id", connection))
        await using (var reader = await select.ExecuteReaderAsync())
        {
            for (; await reader.ReadAsync(); rows++)
            {
                var (ids, bodies) = (reader.GetFieldValue<Guid[]>(1), reader.GetFieldValue<byte[][]>(2));
                foreach (var (id, body) in ids.Zip(bodies))
                {
                    await channel.BasicPublishAsync("", reader.GetString(0), mandatory: true, BrokerChannels.Persistent(id), body);
                }
            }
        }

        await using var delete = new NpgsqlCommand("DELETE FROM outbox", connection);
        await delete.ExecuteNonQueryAsync();
        if (rows > 0)
        {
            await Console.Error.WriteLineAsync($"{database}: {rows} rows of the outbox published again");
        }
    }
}
