using System.Text.Json;
using Npgsql;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Alerts;

/// <summary>
/// Tells each chat what waits for it, one message after the other: a chat that does not answer holds up no other, and what it was not told
/// when the Monitor ends it is told by the next one.
/// </summary>
internal sealed class ChatSender(
    NpgsqlDataSource database, ChatList chats, IHttpClientFactory clients, ISchema schema, MonitorInstruments instruments,
    TimeProvider time, ILogger<ChatSender> logger) : BackgroundService
{
    public const string ClientName = "chat";

    // Who takes a message has it for as long as an attempt can take; then another may.
    private const string Take = """
        UPDATE alert_messages SET attempts = attempts + 1, due_at = $2
        WHERE id = (
            SELECT id FROM alert_messages WHERE channel = $1 AND sent_at IS NULL AND gave_up_at IS NULL AND due_at <= $3
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, title, body, attempts
        """;

    private const string Sent = "UPDATE alert_messages SET sent_at = $2, problem = NULL WHERE id = $1";

    private const string Failed = """
        UPDATE alert_messages SET problem = $2, due_at = $3, gave_up_at = CASE WHEN $4 THEN $3 END WHERE id = $1
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        await Task.WhenAll(chats.All.Select(chat => TellAllAsync(chat, stoppingToken)));
    }

    private async Task TellAllAsync(Chat chat, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await TellNextAsync(chat, stoppingToken))
                {
                    // There may be more.
                }
            }
#pragma warning disable CA1031 // One round that fails must not end the others; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.MessagesNotRead(logger, chat.Name, exception);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>Tries the message that has waited for longest, and returns whether there was one.</summary>
    private async Task<bool> TellNextAsync(Chat chat, CancellationToken stoppingToken)
    {
        if (await TakeAsync(chat, stoppingToken) is not var (id, text, attempt))
        {
            return false;
        }

        if (await TellAsync(chat, text, stoppingToken) is not { } problem)
        {
            await ExecuteAsync(Sent, Sql.Value(id), Sql.Time(time.GetUtcNow()));
            instruments.AlertMessage(chat.Name, "sent");
            return true;
        }

        var givenUp = attempt >= chat.Options.Attempts;
        var pause = givenUp ? TimeSpan.Zero : Pause * Math.Pow(2, attempt);
        await ExecuteAsync(Failed, Sql.Value(id), Sql.Value(problem), Sql.Time(time.GetUtcNow() + pause), Sql.Value(givenUp));
        instruments.AlertMessage(chat.Name, givenUp ? "given_up" : "failed");
        if (givenUp)
        {
            Log.MessageGivenUp(logger, chat.Name, text.Title, attempt, problem);
        }

        return true;
    }

    /// <summary>Why the chat did not take it, without its address, which is a secret; <see langword="null"/> when it did.</summary>
    private async Task<string?> TellAsync(Chat chat, AlertText text, CancellationToken stoppingToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(chat.Options.Timeout);
        try
        {
            using var client = clients.CreateClient(ClientName);
            // With its length: not every receiver reads chunks.
            using var body = new ByteArrayContent(
                JsonSerializer.SerializeToUtf8Bytes(chat.Body(text), AlertJson.Default.DictionaryStringObject));
            body.Headers.ContentType = new("application/json");
            using var answer = await client.PostAsync(chat.AddressAt(time.GetUtcNow()), body, patience.Token);
            return chat.Refusal((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(patience.Token));
        }
        catch (HttpRequestException exception)
        {
            return $"It could not be reached ({exception.HttpRequestError}).";
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return $"It did not answer within {chat.Options.Timeout.TotalSeconds:0.#} s.";
        }
    }

    private async Task<(long Id, AlertText Text, int Attempt)?> TakeAsync(Chat chat, CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.CreateCommand(Take);
        command.Parameters.AddRange(new[] { Sql.Value(chat.Name), Sql.Time(now + chat.Options.Timeout + Leeway), Sql.Time(now) });
        await using var reader = await command.ExecuteReaderAsync(stoppingToken);
        return await reader.ReadAsync(stoppingToken)
            ? (reader.GetInt64(0), new AlertText(reader.GetString(1), reader.GetString(2)), reader.GetInt32(3))
            : null;
    }

    private async Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        // What was told is told, whoever stops meanwhile.
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
