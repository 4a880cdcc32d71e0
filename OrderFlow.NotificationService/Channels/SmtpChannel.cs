using System.Globalization;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.NotificationService.Channels;

/// <summary>Sends the notification by e-mail. That of an order without an address goes to the log.</summary>
/// <remarks>
/// What the server says for good (5xx, RFC 5321, 4.2.1) about the recipient or the text is final. What it says for good before it has
/// taken the sender, about us and not about the customer (a wrong password, no STARTTLS, an unknown sender), would be said of every mail:
/// they all wait, without using up their retries, and the server is asked once in a while.
/// </remarks>
internal sealed class SmtpChannel(
    IOptions<NotificationOptions> options, LogChannel withoutAddress, TimeProvider time, ILogger<SmtpChannel> logger) : ICustomerChannel
{
    /// <summary>MailKit by itself would take a name without a domain for an address.</summary>
    private static readonly ParserOptions Addresses = new() { AllowAddressesWithoutDomain = false };

    /// <summary>
    /// How long a server is left alone that refuses every mail: often enough for whoever mends the settings, too rare to lock an account.
    /// </summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly SmtpOptions _options = options.Value.Smtp;
    private readonly EndpointPause _pause = new(time);

    public string Name => "smtp";

    public bool ReachesOutside => true;

    public async Task SendAsync(CustomerMessage message, CancellationToken cancellationToken)
    {
        if (message.Email.Length == 0)
        {
            await withoutAddress.SendAsync(message, cancellationToken);
            return;
        }

        if (_pause.Left is var left && left > TimeSpan.Zero)
        {
            throw new RetryAfterException(
                $"The mail server {Server} refuses every mail and is not asked for another {left.TotalSeconds:0} s.",
                left) { UsesUpRetry = false };
        }

        using var span = SmtpSpan.Start(_options);
        try
        {
            using var mail = Write(message);
            await SendAsync(mail, cancellationToken);
        }
        catch (Exception exception)
        {
            span?.Fail(exception);
            throw;
        }
    }

    private string Server => string.Create(CultureInfo.InvariantCulture, $"{_options.Host}:{_options.Port}");

    private async Task SendAsync(MimeMessage mail, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(_options.TimeoutSeconds));
        using var client = new Client
        {
            // The limit above is one for the whole conversation; this would be one for each answer.
            Timeout = Timeout.Infinite,
            // As HttpClient does: a mail server of one's own often has a certificate whose issuer publishes no revocations, and would be
            // refused.
            CheckCertificateRevocation = false,
        };
        var isSending = false;
        try
        {
            await client.ConnectAsync(
                _options.Host, _options.Port, _options.Tls ? SecureSocketOptions.StartTls : SecureSocketOptions.None, limit.Token);
            if (_options.UserName.Length > 0)
            {
                await client.AuthenticateAsync(_options.UserName, _options.Password, limit.Token);
            }

            isSending = true;
            await client.SendAsync(mail, limit.Token);
            // The mail is taken. A farewell that fails changes nothing; MailKit keeps it to itself.
            await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (SmtpCommandException exception) when ((int)exception.StatusCode >= 500
            && (client.SenderIsTaken || exception.StatusCode == SmtpStatusCode.ExceededStorageAllocation))
        {
            throw new PermanentFailureException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The mail server {Server} refuses this mail for good ({(int)exception.StatusCode}): {exception.Message}"), exception);
        }
        catch (NotSupportedException exception) when (isSending)
        {
            // An address with letters that need SMTPUTF8, mostly.
            throw new PermanentFailureException($"The mail server {Server} cannot take this mail: {exception.Message}", exception);
        }
        catch (Exception exception) when (IsAboutUs(exception))
        {
            _pause.Begin(Pause);
            Log.MailServerRefuses(logger, Server, exception.Message, Pause);
            throw new RetryAfterException(
                $"The mail server {Server} refuses every mail, not this one: {exception.Message}", Pause,
                exception) { UsesUpRetry = false };
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The mail server {Server} did not take the mail within {_options.TimeoutSeconds} s.", exception);
        }
    }

    private MimeMessage Write(CustomerMessage message)
    {
        try
        {
            var from = MailboxAddress.Parse(Addresses, _options.From);
            return new MimeMessage(
                [from], [MailboxAddress.Parse(Addresses, message.Email)], message.Subject, new TextPart("plain") { Text = message.Text })
            {
                // The same for every repetition: mail servers and readers drop a second copy by it.
                MessageId = $"{message.Id}@{from.Domain}",
            };
        }
        catch (ParseException exception)
        {
            throw new PermanentFailureException(
                $"No mail can be written to the customer of order {message.OrderId}: {exception.Message}", exception);
        }
    }

    private static bool IsAboutUs(Exception exception) => exception switch
    {
        SmtpCommandException { StatusCode: var status } => (int)status >= 500,
        // Asked for by the server and not given, refused by it, or not offered at all.
        ServiceNotAuthenticatedException or AuthenticationException or NotSupportedException => true,
        _ => false,
    };

    private sealed class Client : SmtpClient
    {
        /// <summary>Whether the server has accepted MAIL FROM: what it refuses from then on is this mail.</summary>
        public bool SenderIsTaken { get; private set; }

        protected override void OnSenderAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            SenderIsTaken = true;
            base.OnSenderAccepted(message, mailbox, response);
        }
    }
}
