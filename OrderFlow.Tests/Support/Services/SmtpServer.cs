using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrderFlow.Tests.Support.Services;

/// <summary>A mail server that speaks enough SMTP to take a mail, to refuse one, or to fall silent, at any step.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    /// <summary>The steps that are no command: the first line of the server, and the end of a mail's text.</summary>
    public const string Greeting = "GREETING", End = "END";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public SmtpServer()
    {
        _listener.Start();
        _serving = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<ReceivedMail> Mails { get; } = [];

    /// <summary>Every command that came.</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    /// <summary>Answers other than the usual ones, by step; an empty one is never given.</summary>
    public ConcurrentDictionary<string, string> Answers { get; } = new(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (true)
            {
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        var stream = connection.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (sender, recipient) = ("", "");
        await AnswerAsync(Greeting, "220 test");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var command = line.Split(' ', ':')[0].ToUpperInvariant();
            Commands.Enqueue(command);
            switch (command)
            {
                case "MAIL":
                    sender = Address(line);
                    await AnswerAsync(command, "250 ok");
                    break;
                case "RCPT":
                    recipient = Address(line);
                    await AnswerAsync(command, "250 ok");
                    break;
                case "DATA":
                    await AnswerAsync(command, "354 go on");
                    var lines = new List<string>();
                    while (await reader.ReadLineAsync(_stop.Token) is { } text && text != ".")
                    {
                        lines.Add(text);
                    }

                    if (!Answers.ContainsKey(End))
                    {
                        Mails.Enqueue(new ReceivedMail(sender, recipient, lines));
                    }

                    await AnswerAsync(End, "250 taken");
                    break;
                case "QUIT":
                    await AnswerAsync(command, "221 bye");
                    return;
                default:
                    await AnswerAsync(command, "250 test");
                    break;
            }
        }

        async Task AnswerAsync(string step, string usual)
        {
            var answer = Answers.GetValueOrDefault(step, usual);
            if (answer.Length == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{answer}\r\n"), _stop.Token);
        }
    }

    private static string Address(string line) =>
        line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
}

/// <summary>A mail as it came, header lines and text.</summary>
internal sealed record ReceivedMail(string Sender, string Recipient, IReadOnlyList<string> Lines)
{
    public string? Header(string name) => Lines.TakeWhile(line => line.Length > 0)
        .FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    public string Text => string.Join('\n', Lines.SkipWhile(line => line.Length > 0).Skip(1)).Trim();
}
