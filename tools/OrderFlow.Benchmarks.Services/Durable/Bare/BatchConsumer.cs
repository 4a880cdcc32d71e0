using System.Collections.Concurrent;
using System.Text.Json;
using Npgsql;
using OrderFlow.Benchmarks.Services.Hosting;
using RabbitMQ.Client;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>
/// The deliveries of one queue, one transaction after the other: what arrives while one commits makes the next one larger.
/// </summary>
#pragma warning disable CA1001 // It lives as long as the process.
internal sealed class BatchConsumer<TEvent> : AsyncDefaultBasicConsumer
#pragma warning restore CA1001
{
    private const int Prefetch = 1024;
    private const ulong MostUnconfirmed = 16_384;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly BatchHandler<TEvent> _handler;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private readonly Queue<(ulong Last, long Row)> _unconfirmed = new();
    private readonly ConcurrentQueue<long> _confirmed = new();
    private List<TEvent> _ready = new(Prefetch);
    private ulong _lastTag;
    private ulong _confirmedUpTo;

    private BatchConsumer(IChannel channel, BatchHandler<TEvent> handler)
        : base(channel) => _handler = handler;

    public static async Task StartAsync(BatchHandler<TEvent> handler, ServiceArguments service)
    {
        var input = await BrokerChannels.ForConsumingAsync(service.Broker);
        var consumer = new BatchConsumer<TEvent>(input, handler);
        PipelinedPublisher? publisher = null;
        await BrokerChannels.DeclareAsync(input, handler.Queue);
        if (handler.NextQueue is { } next)
        {
            var output = await BrokerChannels.ForPublishingAsync(service.Broker);
            await BrokerChannels.DeclareAsync(output, next);
            publisher = new(output, consumer.OnConfirmed);
        }

        var database = new NpgsqlConnection(service.Database(handler.Database));
        await database.OpenAsync();
        _ = Task.Run(async () =>
        {
            try
            {
                await consumer.WorkAsync(database, publisher);
            }
            catch (Exception exception)
            {
                Crash.Because(exception);
            }
        });
        await input.BasicQosAsync(0, Prefetch, global: false);
        await input.BasicConsumeAsync(handler.Queue, autoAck: false, consumer);
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        var @event = JsonSerializer.Deserialize(body.Span, _handler.Json)!;
        bool isFirst;
        lock (_gate)
        {
            isFirst = _ready.Count == 0;
            _ready.Add(@event);
            _lastTag = deliveryTag;
        }

        if (isFirst)
        {
            _arrived.Release();
        }

        return Task.CompletedTask;
    }

    public override Task HandleChannelShutdownAsync(object channel, RabbitMQ.Client.Events.ShutdownEventArgs reason)
    {
        Crash.Because(new InvalidOperationException($"The broker went away: {reason}"));
        return Task.CompletedTask;
    }

    private async Task WorkAsync(NpgsqlConnection database, PipelinedPublisher? publisher)
    {
        // Above every row of an earlier process; consumers of a database never meet.
        var row = (DateTime.UtcNow.Ticks * 4) + (_handler.Consumer % 4);
        var spare = new List<TEvent>(Prefetch);
        var gone = new List<long>();
        while (true)
        {
            if (!await _arrived.WaitAsync(IsOutboxEmpty(gone) ? Timeout.InfiniteTimeSpan : Idle))
            {
                await CleanAsync(database, gone);
                continue;
            }

            List<TEvent> arrived;
            ulong lastTag;
            lock (_gate)
            {
                (arrived, _ready, lastTag) = (_ready, spare, _lastTag);
            }

            TakeConfirmed(gone);
            // What a start publishes again may be in a batch twice.
            List<TEvent> batch = [.. arrived.DistinctBy(_handler.IdOf)];
            Guid[] ids = [.. batch.Select(_handler.IdOf)];
            var (claimed, caused) = await CommitAsync(database, batch, ids, gone, row += 4);
            gone.Clear();

            // The outbox has the rest.
            await Channel.BasicAckAsync(lastTag, multiple: true);
            if (caused is not null && publisher is not null && claimed.Count > 0)
            {
                await PublishAsync(publisher, ids, claimed, caused, row);
            }

            batch.ForEach(_handler.OnCommitted);
            arrived.Clear();
            spare = arrived;
        }
    }

    /// <summary>A single statement is a transaction, without BEGIN and COMMIT, and its answer says that it is on disk.</summary>
    private async Task<(HashSet<Guid> Claimed, CausedEvents? Caused)> CommitAsync(
        NpgsqlConnection database, List<TEvent> batch, Guid[] ids, List<long> gone, long row)
    {
        await using var command = new NpgsqlCommand(_handler.Sql, database);
        var parameters = new StatementParameters(command);
        parameters.Add(gone.ToArray());
        parameters.Add(_handler.Consumer);
        parameters.Add(ids);
        var caused = _handler.AddParameters(batch, parameters);
        if (caused is not null)
        {
            parameters.Add(caused.Ids);
            parameters.Add(caused.Bodies);
            parameters.Add(row);
            parameters.Add(_handler.NextQueue!);
        }

        var claimed = new HashSet<Guid>(ids.Length);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            claimed.Add(reader.GetGuid(0));
        }

        return (claimed, caused);
    }

    private async Task PublishAsync(PipelinedPublisher publisher, Guid[] ids, HashSet<Guid> claimed, CausedEvents caused, long row)
    {
        for (var position = 0; position < ids.Length; position++)
        {
            if (claimed.Contains(ids[position]))
            {
                await publisher.PublishAsync(_handler.NextQueue!, caused.Ids[position], caused.Bodies[position]);
            }
        }

        lock (_unconfirmed)
        {
            // Unless the confirms were faster than this line.
            if (_confirmedUpTo >= publisher.Sent)
            {
                _confirmed.Enqueue(row);
            }
            else
            {
                _unconfirmed.Enqueue((publisher.Sent, row));
            }
        }

        while (publisher.Sent - Interlocked.Read(ref _confirmedUpTo) > MostUnconfirmed)
        {
            await Task.Delay(1);
        }
    }

    private void OnConfirmed(ulong first, ulong last)
    {
        lock (_unconfirmed)
        {
            Interlocked.Exchange(ref _confirmedUpTo, last);
            while (_unconfirmed.TryPeek(out var entry) && entry.Last <= last)
            {
                _confirmed.Enqueue(_unconfirmed.Dequeue().Row);
            }
        }
    }

    private bool IsOutboxEmpty(List<long> gone)
    {
        lock (_unconfirmed)
        {
            return gone.Count == 0 && _confirmed.IsEmpty && _unconfirmed.Count == 0;
        }
    }

    private void TakeConfirmed(List<long> gone)
    {
        while (_confirmed.TryDequeue(out var row))
        {
            gone.Add(row);
        }
    }

    /// <summary>Leaves an empty outbox when nothing arrives that would.</summary>
    private async Task CleanAsync(NpgsqlConnection database, List<long> gone)
    {
        TakeConfirmed(gone);
        if (gone.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand("DELETE FROM outbox WHERE id = ANY ($1)", database);
        new StatementParameters(command).Add(gone.ToArray());
        await command.ExecuteNonQueryAsync();
        gone.Clear();
    }
}
