using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.Channels;

/// <summary>How customers are notified; configuration section <c>Notification</c>.</summary>
internal sealed class NotificationOptions : IValidatableObject
{
    public const string Section = "Notification";

    /// <summary>Default: <see cref="ChannelKind.Log"/>.</summary>
    [EnumDataType(typeof(ChannelKind))]
    public ChannelKind Channel { get; set; } = ChannelKind.Log;

    /// <summary>Read when the channel is <see cref="ChannelKind.Smtp"/>.</summary>
    [ValidateObjectMembers]
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>Read when the channel is <see cref="ChannelKind.Webhook"/>.</summary>
    [ValidateObjectMembers]
    public WebhookOptions Webhook { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Channel == ChannelKind.Smtp && (Smtp.Host.Length == 0 || Smtp.From.Length == 0))
        {
            yield return new ValidationResult(
                $"{Section}:Channel is Smtp, so {Section}:Smtp:Host and {Section}:Smtp:From must be set.", [nameof(Smtp)]);
        }

        if (Channel == ChannelKind.Webhook
            && (Webhook.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" }
            || Webhook.Secret.Length < WebhookOptions.ShortestSecret))
        {
            yield return new ValidationResult(
                $"{Section}:Channel is Webhook, so {Section}:Webhook:Url must be an http(s) address "
                + $"and {Section}:Webhook:Secret at least {WebhookOptions.ShortestSecret} characters.",
                [nameof(Webhook)]);
        }
    }
}

/// <summary>The ways to notify a customer.</summary>
internal enum ChannelKind
{
    /// <summary>A line in the log.</summary>
    Log,

    /// <summary>An e-mail.</summary>
    Smtp,

    /// <summary>A signed POST.</summary>
    Webhook,
}

/// <summary>The mail server.</summary>
internal sealed class SmtpOptions
{
    public string Host { get; set; } = "";

    /// <summary>Default: 25.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 25;

    /// <summary>Whether STARTTLS is required. Default: true.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>Empty when the server asks for none.</summary>
    public string UserName { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>The sender's address.</summary>
    public string From { get; set; } = "";

    /// <summary>Default: 10.</summary>
    [Range(1, 300)]
    public int TimeoutSeconds { get; set; } = 10;
}

/// <summary>Who is called.</summary>
internal sealed class WebhookOptions
{
    public const int ShortestSecret = 16;

    public Uri? Url { get; set; }

    /// <summary>Key of the signature, known to the receiver.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Per attempt. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts before the delivery counts as failed, and is retried as a whole. Default: 3.</summary>
    [Range(1, 10)]
    public int Attempts { get; set; } = 3;

    /// <summary>Wait after the first failed attempt; after the second twice as long. Default: 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The longest wait that the receiver may ask for with <c>Retry-After</c>; a longer one counts as this. Default: 24 h, which is also
    /// the most.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromDays(1);
}

[OptionsValidator]
internal sealed partial class NotificationOptionsValidator : IValidateOptions<NotificationOptions>;
