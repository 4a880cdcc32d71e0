using Microsoft.Extensions.Options;

namespace OrderFlow.Monitor.Alerts;

/// <summary>The chats that are configured.</summary>
internal sealed class ChatList
{
    public ChatList(IOptions<AlertOptions> options)
    {
        var of = options.Value;
        All = [.. new[] { Chat.DingTalk(of.DingTalk), Chat.WeCom(of.WeCom), Chat.Slack(of.Slack) }
            .Where(chat => !string.IsNullOrEmpty(chat.Options.Url))];
        Names = [.. All.Select(chat => chat.Name)];
    }

    public IReadOnlyList<Chat> All { get; }

    public IReadOnlyList<string> Names { get; }
}
