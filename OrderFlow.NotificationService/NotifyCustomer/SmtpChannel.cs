using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>Tells the customer by e-mail. An order without an address is told by the log.</summary>
internal sealed class SmtpChannel(IOptions<NotificationOptions> options, LogChannel withoutAddress) : ICustomerChannel
{
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

        using var mail = new MailMessage(_options.From, message.Email, message.Subject, message.Text);
        // The same for every repetition: mail servers and readers drop a second copy by it.
        mail.Headers.Add("Message-ID", $"<{message.Id}@{new MailAddress(_options.From).Host}>");
        using var client = new SmtpClient(_options.Host, _options.Port) { EnableSsl = _options.Tls };
        if (_options.UserName.Length > 0)
        {
            client.Credentials = new NetworkCredential(_options.UserName, _options.Password);
        }

        // The client's own time-out counts for its synchronous calls alone.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(_options.TimeoutSeconds));
        try
        {
            await client.SendMailAsync(mail, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The mail server {_options.Host}:{_options.Port} did not take the mail within {_options.TimeoutSeconds} s.", exception);
        }
    }
}
