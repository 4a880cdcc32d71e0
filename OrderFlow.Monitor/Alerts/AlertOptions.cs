using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Monitor.Alerts;

/// <summary>Where alerts come from, and the chats that are told of them; configuration section <c>Alerts</c>.</summary>
internal sealed class AlertOptions
{
    public const string Section = "Alerts";

    /// <summary>After how long a critical alert that nobody has acknowledged is told again. Default 15 min; 0: never.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan EscalateAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>A group's robot of DingTalk. Default: 10 s for an answer, three attempts.</summary>
    [ValidateObjectMembers]
    public ChatOptions DingTalk { get; set; } = new() { Timeout = TimeSpan.FromSeconds(10), Attempts = 3 };

    /// <summary>A group's robot of WeCom. Default: 5 s, two attempts.</summary>
    [ValidateObjectMembers]
    public ChatOptions WeCom { get; set; } = new() { Timeout = TimeSpan.FromSeconds(5), Attempts = 2 };

    /// <summary>An incoming webhook of Slack. Default: 8 s, three attempts.</summary>
    [ValidateObjectMembers]
    public ChatOptions Slack { get; set; } = new() { Timeout = TimeSpan.FromSeconds(8), Attempts = 3 };
}

/// <summary>A chat.</summary>
internal sealed class ChatOptions
{
    /// <summary>Where messages are posted to; a secret. Default: none, and it is told nothing.</summary>
    [Url]
    public string? Url { get; set; }

    /// <summary>What requests are signed with, where the service wants that: DingTalk.</summary>
    public string? Secret { get; set; }

    /// <summary>How long an answer is waited for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Timeout { get; set; }

    /// <summary>How often a message is tried at most.</summary>
    [Range(1, 100)]
    public int Attempts { get; set; }
}

[OptionsValidator]
internal sealed partial class AlertOptionsValidator : IValidateOptions<AlertOptions>;
