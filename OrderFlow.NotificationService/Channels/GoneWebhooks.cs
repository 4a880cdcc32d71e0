using Npgsql;
using OrderFlow.NotificationService.Storage;

namespace OrderFlow.NotificationService.Channels;

/// <summary>
/// The webhook's answer 410 Gone, remembered for every replica and across restarts. Another URL is another webhook; the same one is asked
/// again some seconds after its row in <c>gone_webhooks</c> is deleted.
/// </summary>
internal sealed class GoneWebhooks(
    NotificationDatabase database, NotificationInstruments instruments, TimeProvider time, ILogger<GoneWebhooks> logger)
{
    /// <summary>How old the answer of the database may be: not every notification needs to ask for what hardly ever changes.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private const string Find = "SELECT gone_at FROM gone_webhooks WHERE url = $1";

    private const string Insert = "INSERT INTO gone_webhooks (url, gone_at, event_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

    private volatile Known? _known;

    /// <summary>Since when the webhook is gone; <see langword="null"/> when it is not.</summary>
    public async ValueTask<DateTimeOffset?> SinceAsync(Uri url, CancellationToken cancellationToken)
    {
        if (_known is { } known && time.GetElapsedTime(known.At) < Freshness)
        {
            return known.Since;
        }

        var at = time.GetTimestamp();
        await using var command = database.CreateCommand(Find);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = url.AbsoluteUri });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        DateTimeOffset? since = await reader.ReadAsync(cancellationToken)
            ? await reader.GetFieldValueAsync<DateTimeOffset>(0, cancellationToken)
            : null;
        Remember(since, at);
        return since;
    }

    /// <summary>Remembers the answer 410; the first replica that gets it logs it.</summary>
    public async Task AddAsync(Uri url, Guid eventId)
    {
        var now = time.GetUtcNow();
        await using var command = database.CreateCommand(Insert);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = url.AbsoluteUri });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        // Not given up by a stop: it is known now.
        if (await command.ExecuteNonQueryAsync(CancellationToken.None) == 1)
        {
            Log.WebhookGone(logger, url);
        }

        Remember(now, time.GetTimestamp());
    }

    private void Remember(DateTimeOffset? since, long at)
    {
        _known = new Known(since, at);
        instruments.WebhookIsGone = since is not null;
    }

    private sealed record Known(DateTimeOffset? Since, long At);
}
