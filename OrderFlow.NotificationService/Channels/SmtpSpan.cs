using System.Diagnostics;
using System.Globalization;
using MailKit.Net.Smtp;

namespace OrderFlow.NotificationService.Channels;

/// <summary>
/// The client span of a mail. HttpClient makes its own for a webhook; MailKit makes none, and OpenTelemetry has no convention for SMTP but
/// the general ones of a server.
/// </summary>
internal static class SmtpSpan
{
    public const string SourceName = "OrderFlow.NotificationService";

    private static readonly ActivitySource Spans = new(SourceName);

    public static Activity? Start(SmtpOptions options) => Spans.StartActivity("send mail", ActivityKind.Client)?
        .SetTag("server.address", options.Host)
        .SetTag("server.port", options.Port)
        .SetTag("network.protocol.name", "smtp");

    /// <summary>
    /// By what the server answered, if it answered; otherwise by what happened. Not in its words: they may repeat the address.
    /// </summary>
    public static void Fail(this Activity span, Exception exception) => span
        .SetTag("error.type", Answer(exception) ?? exception.GetType().FullName)
        .SetStatus(ActivityStatusCode.Error);

    private static string? Answer(Exception exception) =>
        (exception as SmtpCommandException ?? exception.InnerException as SmtpCommandException) is { StatusCode: var status }
            ? ((int)status).ToString(CultureInfo.InvariantCulture)
            : null;
}
