using System.Globalization;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using OrderFlow.Messaging.Retrying;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>Tells the customer by e-mail. An order without an address is told by the log.</summary>
internal sealed class SmtpChannel(IOptions<NotificationOptions> options, LogChannel withoutAddress) : ICustomerChannel
{
    /// <summary>MailKit by itself would take a name without a domain for an address.</summary>
    private static readonly ParserOptions Addresses = new() { AllowAddressesWithoutDomain = false };

    private readonly SmtpOptions _options = options.Value.Smtp;

    public string Name => "smtp";

    public bool ReachesOutside => true;

    public async Task TellAsync(CustomerMessage message, CancellationToken cancellationToken)
    {
        if (message.Email.Length == 0)
        {
            await withoutAddress.TellAsync(message, cancellationToken);
            return;
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

    private async Task SendAsync(MimeMessage mail, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(_options.TimeoutSeconds));
        using var client = new SmtpClient
        {
            // The limit above is one for the whole conversation; this would be one for each answer.
            Timeout = Timeout.Infinite,
            // As HttpClient does: a mail server of one's own often has a certificate whose issuer publishes no revocations, and would be refused.
            CheckCertificateRevocation = false,
        };
        try
        {
            await client.ConnectAsync(_options.Host, _options.Port, _options.Tls ? SecureSocketOptions.StartTls : SecureSocketOptions.None, limit.Token);
            if (_options.UserName.Length > 0)
            {
                await client.AuthenticateAsync(_options.UserName, _options.Password, limit.Token);
            }

            await client.SendAsync(mail, limit.Token);
            // The mail is taken. A farewell that fails changes nothing; MailKit keeps it to itself.
            await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (SmtpCommandException exception) when (IsAboutTheMail(exception.StatusCode))
        {
            throw new PermanentFailureException(
                string.Create(CultureInfo.InvariantCulture, $"The mail server {_options.Host}:{_options.Port} refuses this mail for good ({(int)exception.StatusCode}): {exception.Message}"), exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The mail server {_options.Host}:{_options.Port} did not take the mail within {_options.TimeoutSeconds} s.", exception);
        }
    }

    private MimeMessage Write(CustomerMessage message)
    {
        try
        {
            var from = MailboxAddress.Parse(Addresses, _options.From);
            return new MimeMessage([from], [MailboxAddress.Parse(Addresses, message.Email)], message.Subject, new TextPart("plain") { Text = message.Text })
            {
                // The same for every repetition: mail servers and readers drop a second copy by it.
                MessageId = $"{message.Id}@{from.Domain}",
            };
        }
        catch (ParseException exception)
        {
            throw new PermanentFailureException($"No mail can be written to the customer of order {message.OrderId}: {exception.Message}", exception);
        }
    }

    // Other 5xx are about the server or its settings (no TLS, wrong password): the next mail would fare no better, and this one may later.
    private static bool IsAboutTheMail(SmtpStatusCode status) => (int)status is >= 550 and <= 554;
}
