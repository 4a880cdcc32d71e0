using Npgsql;
using Wolverine;
using Wolverine.RDBMS;
using Wolverine.Runtime;

namespace OrderFlow.Benchmarks.Services.Durable.Wolverine;

/// <summary>
/// A transaction of a handler, as WolverineFx's middleware for EF Core makes it, on plain Npgsql: it takes the handler's statements, the
/// event that they cause, and the mark that the message is handled.
/// </summary>
internal static class TransactionalOutbox
{
    public static async Task CommitAsync(
        MessageContext context, NpgsqlDataSource source, object? caused, params (string Sql, object[] Values)[] statements)
    {
        var database = (IMessageDatabase)context.Storage;
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await context.EnlistInOutboxAsync(new DatabaseEnvelopeTransaction(database, transaction));
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var (sql, values) in statements)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var value in values)
                {
                    command.Parameters.Add(new() { Value = value });
                }

                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync();
        }

        if (caused is not null)
        {
            await context.PublishAsync(caused);
        }

        var keptUntil = DateTimeOffset.UtcNow.Add(context.Runtime.Options.Durability.KeepAfterMessageHandling);
        await database.MarkIncomingEnvelopeAsHandledInTransactionAsync(connection, transaction, context.Envelope!, keptUntil, default);
        context.Envelope!.Status = EnvelopeStatus.Handled;
        await transaction.CommitAsync();
        await context.FlushOutgoingMessagesAsync();
    }
}
