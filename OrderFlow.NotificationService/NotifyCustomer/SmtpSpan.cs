using System.Diagnostics;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>The client span of a mail. HttpClient makes its own for a webhook; SmtpClient makes none, and OpenTelemetry has no convention for SMTP but the general ones of a server.</summary>
internal static class SmtpSpan
{
    private static readonly ActivitySource Spans = new("OrderFlow.NotificationService");

    public static Activity? Start(SmtpOptions options) => Spans.StartActivity("send mail", ActivityKind.Client)?
        .SetTag("server.address", options.Host)
        .SetTag("server.port", options.Port)
        .SetTag("network.protocol.name", "smtp");

    public static void Fail(this Activity span, Exception exception) => span
        .SetTag("error.type", exception.GetType().FullName)
        .SetStatus(ActivityStatusCode.Error);
}
