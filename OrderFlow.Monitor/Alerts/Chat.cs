using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrderFlow.Monitor.Alerts;

/// <summary>A chat that is told of alerts: how it wants to be asked, and what its answers mean.</summary>
/// <param name="Name">As messages for it are kept under.</param>
/// <param name="Options">Where it is.</param>
/// <param name="Body">What it wants to be sent.</param>
/// <param name="AnswersWithCode">Whether it says in <c>errcode</c> whether it took a message, and answers 200 in any case.</param>
/// <param name="Signs">Whether its address is signed.</param>
internal sealed record Chat(
    string Name, ChatOptions Options, Func<AlertText, Dictionary<string, object>> Body, bool AnswersWithCode, bool Signs)
{
    /// <summary>https://open.dingtalk.com/document/robots/custom-robot-access, with its signature.</summary>
    public static Chat DingTalk(ChatOptions options) => new(
        "dingtalk", options, text => Message("markdown", ("title", text.Title), ("text", $"### {Plain(text.Title)}\n\n{Lines(text.Body)}")),
        AnswersWithCode: true, Signs: options.Secret is { Length: > 0 });

    /// <summary>https://developer.work.weixin.qq.com/document/path/91770.</summary>
    public static Chat WeCom(ChatOptions options) => new(
        "wecom", options, text => Message("markdown", ("content", $"### {Plain(text.Title)}\n{Lines(text.Body)}")),
        AnswersWithCode: true, Signs: false);

    /// <summary>
    /// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; of its text only three characters mean something.
    /// </summary>
    public static Chat Slack(ChatOptions options) => new(
        "slack", options, text => new(StringComparer.Ordinal) { ["text"] = $"*{Escaped(text.Title)}*\n{Escaped(text.Body)}" },
        AnswersWithCode: false, Signs: false);

    /// <summary>The address for a request at a time: signed, where the chat wants that.</summary>
    public Uri AddressAt(DateTimeOffset now)
    {
        if (!Signs)
        {
            return new Uri(Options.Url!);
        }

        var millis = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var secret = Encoding.UTF8.GetBytes(Options.Secret!);
        var sign = Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{millis}\n{Options.Secret}")));
        var separator = Options.Url!.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return new Uri($"{Options.Url}{separator}timestamp={millis}&sign={Uri.EscapeDataString(sign)}");
    }

    /// <summary>Why it did not take a message; <see langword="null"/> when it did.</summary>
    public string? Refusal(int status, string answer)
    {
        if (status is < 200 or > 299)
        {
            return $"It answered {status}.";
        }

        if (!AnswersWithCode)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.TryGetProperty("errcode", out var code) && code.TryGetInt32(out var number)
                ? number == 0 ? null : $"It answered errcode {number}."
                : "It answered without an errcode.";
        }
        catch (JsonException)
        {
            return "It answered something that is no JSON.";
        }
        catch (InvalidOperationException)
        {
            return "It answered something that is no JSON object.";
        }
    }

    private static Dictionary<string, object> Message(string type, params (string Key, string Value)[] content) =>
        new(StringComparer.Ordinal)
        {
            ["msgtype"] = type,
            [type] = content.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
        };

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => $"> {Plain(line)}\n"));

    /// <summary>Nothing in it is a link, an image or emphasis: what it says may come from anywhere.</summary>
    private static string Plain(string text) => string.Concat(text.Select(character => character switch
    {
        '[' => '(', ']' => ')', '<' => '‹', '>' => '›', '*' or '`' or '!' or '#' => ' ', _ => character,
    }));

    private static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
