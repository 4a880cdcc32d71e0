using OrderFlow.AppHost.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrderFlow.AppHost.Alerting;

/// <summary>
/// What Alertmanager reads: <c>monitoring/alertmanager.yml</c> with the addresses of this run. The file is good as it is: who runs
/// Alertmanager elsewhere has addresses to change, and nothing else.
/// </summary>
internal sealed class AlertmanagerConfiguration(string source, AlertSettings settings)
{
    public const string FileName = "alertmanager.yml";

    /// <summary>The file with what the Monitor asks for.</summary>
    public const string TokenFile = "monitor-token";

    /// <summary>What the tool says before what is wrong.</summary>
    private const string Failed = "FAILED: ";

    private const string MonitorPath = "/api/alerts/notifications";

    /// <summary>Writes it.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="monitor">The Monitor's address; <see langword="null"/> when there is none.</param>
    /// <param name="token">What the Monitor asks for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DistributedApplicationException">Alertmanager would not start with it.</exception>
    public async Task WriteAsync(string directory, string? monitor, string? token, CancellationToken cancellationToken)
    {
        await CheckAsync(source, cancellationToken);
        OwnerOnly.CreateDirectory(directory);
        if (token is not null)
        {
            OwnerOnly.Write(Path.Combine(directory, TokenFile), System.Text.Encoding.UTF8.GetBytes(token));
        }

        using var text = new StringWriter();
        Fill(monitor).Save(text, assignAnchors: false);
        var file = Path.Combine(directory, FileName);
        OwnerOnly.Write(file, System.Text.Encoding.UTF8.GetBytes(text.ToString()));
        await CheckAsync(file, cancellationToken);
    }

    private YamlStream Fill(string? monitor)
    {
        var yaml = new YamlStream();
        try
        {
            using var reader = new StreamReader(source);
            yaml.Load(reader);
        }
        catch (YamlException exception)
        {
            throw new DistributedApplicationException($"{source}:{exception.Start.Line}: {exception.Message}", exception);
        }

        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }]
            || !root.Children.TryGetValue("receivers", out var found) || found is not YamlSequenceNode receivers)
        {
            throw new DistributedApplicationException($"{source}: There are no receivers.");
        }

        foreach (var receiver in receivers.OfType<YamlMappingNode>())
        {
            SetMonitor(receiver, monitor);
            AddOwn(receiver);
        }

        return yaml;
    }

    private static void SetMonitor(YamlMappingNode receiver, string? monitor)
    {
        if (!receiver.Children.TryGetValue("webhook_configs", out var found) || found is not YamlSequenceNode webhooks)
        {
            return;
        }

        // Receivers may share a list, by an alias: then it is filled for the first, and found filled by the others.
        foreach (var webhook in webhooks.OfType<YamlMappingNode>().ToList())
        {
            var url = webhook.Children.TryGetValue("url", out var address) ? ((YamlScalarNode)address).Value : null;
            if (url?.EndsWith(MonitorPath, StringComparison.Ordinal) != true)
            {
                continue;
            }

            if (monitor is null)
            {
                webhooks.Children.Remove(webhook);
            }
            else
            {
                webhook.Children["url"] = new YamlScalarNode(monitor.TrimEnd('/') + MonitorPath);
            }
        }
    }

    private void AddOwn(YamlMappingNode receiver)
    {
        if (settings.WebhookUrl is { } url)
        {
            // A list of its own: the one there may be shared.
            var before = receiver.Children.TryGetValue("webhook_configs", out var found) ? (YamlSequenceNode)found : [];
            receiver.Children["webhook_configs"] = new YamlSequenceNode(
                [.. before.Children, Map(("url", url), ("send_resolved", "true"))]);
        }

        if (settings.EmailTo is not null)
        {
            receiver.Add("email_configs", new YamlSequenceNode(Email()));
        }
    }

    private YamlMappingNode Email()
    {
        List<(string, string)> email =
        [
            ("to", settings.EmailTo!),
            ("from", settings.EmailFrom),
            ("smarthost", settings.SmtpServer),
            ("require_tls", settings.SmtpTls ? "true" : "false"),
            ("send_resolved", "true"),
        ];
        if (settings.SmtpUser is { } user)
        {
            email.AddRange([("auth_username", user), ("auth_password", settings.SmtpPassword ?? "")]);
        }

        return Map([.. email]);
    }

    private static YamlMappingNode Map(params (string Key, string Value)[] pairs)
    {
        var map = new YamlMappingNode();
        foreach (var (key, value) in pairs)
        {
            map.Add(key, new YamlScalarNode(value) { Style = value is "true" or "false" ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted });
        }

        return map;
    }

    /// <summary>Has Alertmanager's own tool read it, which names what is wrong, and the line where it can, where it is installed.</summary>
    private static async Task CheckAsync(string file, CancellationToken cancellationToken)
    {
        var directory = Path.GetDirectoryName(file)!;
        if (await Programs.CheckAsync("amtool", directory, ["check-config", file], cancellationToken) is var (output, problems))
        {
            var at = output.IndexOf(Failed, StringComparison.Ordinal);
            var said = at < 0 ? output + problems : output[(at + Failed.Length)..];
            throw new DistributedApplicationException($"{file} is wrong: {said.Trim()}");
        }
    }
}
