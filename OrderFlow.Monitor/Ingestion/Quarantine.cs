using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Keeps tapped messages that are no events, so that someone can inspect them.</summary>
internal sealed class Quarantine(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Bytes of a body that are kept.</summary>
    private const int LargestBody = 64 * 1024;

    private const string Insert = """
        INSERT INTO unreadable AS known (digest, first_seen, last_seen, exchange, routing_key, message_id, wire_type, source, problem,
            headers, body)
        VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (digest) DO UPDATE SET last_seen = excluded.last_seen, seen = known.seen + 1
        """;

    public async Task AddAsync(IReadOnlyList<(TappedMessage Message, string Problem)> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var (message, problem) in messages)
        {
            batch.BatchCommands.Add(Command(message, problem));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private NpgsqlBatchCommand Command(TappedMessage message, string problem)
    {
        var headers = HeaderJson.Write(message.Headers);
        return new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                new NpgsqlParameter<byte[]> { TypedValue = Digest(message, headers) },
                new NpgsqlParameter<DateTime> { TypedValue = time.GetUtcNow().UtcDateTime },
                Text(message.Exchange),
                Text(message.RoutingKey),
                Text(message.MessageId),
                Text(message.WireType),
                Text(message.Source),
                Text(problem),
                new() { Value = headers, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = message.Body[..Math.Min(message.Body.Length, LargestBody)].ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea },
            },
        };
    }

    private static NpgsqlParameter Text(string? text) =>
        new() { Value = text is null ? DBNull.Value : HeaderJson.Clean(text), NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A message that is delivered twice is the same row.</summary>
    private static byte[] Digest(TappedMessage message, string headers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ReadOnlySpan<string?> parts =
            [message.Exchange, message.RoutingKey, message.MessageId, message.WireType, message.Source, headers];
        foreach (var part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{part?.Length ?? -1}:{part}"));
        }

        hash.AppendData(message.Body.Span);
        return hash.GetHashAndReset();
    }
}
