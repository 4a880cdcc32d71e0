using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrderFlow.AppHost.Configuration;

/// <summary>Who is told of alerts, beside the console; settings <c>Alerts:…</c>.</summary>
internal sealed class AlertSettings
{
    public const string Section = "Alerts";
    private const int SmtpPort = 25;

    private readonly ConfigurationManager _configuration;
    private readonly List<string> _problems = [];

    public AlertSettings(ConfigurationManager configuration)
    {
        _configuration = configuration;
        EmailTo = Text(nameof(EmailTo));
        EmailFrom = Text(nameof(EmailFrom)) ?? "orderflow@localhost";
        SmtpServer = Server(Text(nameof(SmtpServer)) ?? $"localhost:{SmtpPort}");
        SmtpTls = Tls();
        SmtpUser = Text(nameof(SmtpUser));
        SmtpPassword = Text(nameof(SmtpPassword));
        WebhookUrl = Address(nameof(WebhookUrl));
        SlackUrl = Address(nameof(SlackUrl));
        WeComUrl = Address(nameof(WeComUrl));
        DingTalkUrl = Address(nameof(DingTalkUrl));
        DingTalkSecret = Text(nameof(DingTalkSecret));
    }

    /// <summary>What is set wrong, a sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Addresses that get an e-mail, separated by commas; none without.</summary>
    public string? EmailTo { get; }

    public string EmailFrom { get; }

    /// <summary>Host and port of the mail server.</summary>
    public string SmtpServer { get; }

    /// <summary>Whether the mail server must offer TLS.</summary>
    public bool SmtpTls { get; }

    public string? SmtpUser { get; }

    public string? SmtpPassword { get; }

    /// <summary>What gets Alertmanager's own JSON; none without.</summary>
    public string? WebhookUrl { get; }

    public string? SlackUrl { get; }

    public string? WeComUrl { get; }

    public string? DingTalkUrl { get; }

    /// <summary>What requests to DingTalk are signed with.</summary>
    public string? DingTalkSecret { get; }

    private string? Text(string name) => _configuration[$"{Section}:{name}"]?.Trim() is { Length: > 0 } text ? text : null;

    private string? Address(string name)
    {
        var text = Text(name);
        if (text is not null && !(Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            // Its path is a secret, so it is not repeated.
            _problems.Add($"Setting {Section}:{name} is no address; it must begin with http:// or https://.");
            return null;
        }

        return text;
    }

    private string Server(string text)
    {
        var parts = text.Split(':');
        if (parts is not [{ Length: > 0 }] && !(parts is [{ Length: > 0 }, var port]
            && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= ushort.MaxValue))
        {
            _problems.Add(
                $"Setting {Section}:{nameof(SmtpServer)} is '{text}'; it must be a host and a port, such as mail.example.com:587.");
        }

        return parts.Length == 1 ? $"{text}:{SmtpPort}" : text;
    }

    private bool Tls()
    {
        var text = Text(nameof(SmtpTls));
        if (text is not null && !bool.TryParse(text, out _))
        {
            _problems.Add($"Setting {Section}:{nameof(SmtpTls)} is '{text}'; it must be true or false.");
        }

        return !bool.TryParse(text, out var value) || value;
    }
}
