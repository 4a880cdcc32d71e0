using System.Globalization;
using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Retrying;

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

        using var span = SmtpSpan.Start(_options);
        try
        {
            await SendAsync(Write(message), cancellationToken);
        }
        catch (Exception exception)
        {
            span?.Fail(exception);
            throw;
        }
    }

    private async Task SendAsync(MailMessage mail, CancellationToken cancellationToken)
    {
        var client = new SmtpClient(_options.Host, _options.Port) { EnableSsl = _options.Tls };
        if (_options.UserName.Length > 0)
        {
            client.Credentials = new NetworkCredential(_options.UserName, _options.Password);
        }

        // Without a token: the client reads the answer to the mail's end in a call that blocks, and cancelling blocks behind it.
        var sending = Task.Run(() => client.SendMailAsync(mail), CancellationToken.None);
        try
        {
            // The client's own time-out counts for its synchronous calls alone.
            await sending.WaitAsync(TimeSpan.FromSeconds(_options.TimeoutSeconds), cancellationToken);
        }
        catch (SmtpException exception) when (IsAboutTheMail(exception.StatusCode))
        {
            throw new PermanentFailureException(
                string.Create(CultureInfo.InvariantCulture, $"The mail server {_options.Host}:{_options.Port} refuses this mail for good ({(int)exception.StatusCode}): {exception.Message}"), exception);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The mail server {_options.Host}:{_options.Port} did not take the mail within {_options.TimeoutSeconds} s.", exception);
        }
        finally
        {
            _ = CleanUpAsync(sending, client, mail);
        }
    }

    private static async Task CleanUpAsync(Task sending, SmtpClient client, MailMessage mail)
    {
        if (!sending.IsCompleted)
        {
            await Task.Run(client.SendAsyncCancel);
        }

        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        client.Dispose();
        mail.Dispose();
    }

    private MailMessage Write(CustomerMessage message)
    {
        try
        {
            var mail = new MailMessage(_options.From, message.Email, message.Subject, message.Text);
            // The same for every repetition: mail servers and readers drop a second copy by it.
            mail.Headers.Add("Message-ID", $"<{message.Id}@{new MailAddress(_options.From).Host}>");
            return mail;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new PermanentFailureException($"No mail can be written to the customer of order {message.OrderId}: {exception.Message}", exception);
        }
    }

    // Other 5xx are about the server or its settings (no TLS, wrong password): the next mail would fare no better, and this one may later.
    private static bool IsAboutTheMail(SmtpStatusCode status) => (int)status is >= 550 and <= 554;
}
