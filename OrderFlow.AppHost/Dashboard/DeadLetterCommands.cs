using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.AppHost.Services;

namespace OrderFlow.AppHost.Dashboard;

/// <summary>Dead letters in the dashboard.</summary>
internal static class DeadLetterCommands
{
    /// <summary>Gives each consumer a button that replays its dead letters through the Monitor, which records who did it.</summary>
    public static IResourceBuilder<ProjectResource> ReplaysDeadLettersOf(
        this IResourceBuilder<ProjectResource> monitor, params IResourceBuilder<ProjectResource>[] consumers)
    {
        foreach (var consumer in consumers)
        {
            var service = consumer.Resource.Name;
            consumer.WithCommand(
                "replay-dead-letters",
                "Replay dead letters",
                context => ReplayAsync(monitor, service, context),
                new CommandOptions
                {
                    Description = $"Sends everything in the dead-letter queue of {service} back to it.",
                    ConfirmationMessage = $"Send all dead letters of {service} back to it?",
                    IconName = "MailArrowUp",
                    // It is the Monitor that does it: the service may be busy.
                    UpdateState = _ => ResourceCommandState.Enabled,
                });
        }

        return monitor;
    }

    private static async Task<ExecuteCommandResult> ReplayAsync(
        IResourceBuilder<ProjectResource> monitor, string service, ExecuteCommandContext context)
    {
        using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", await monitor.Token().GetValueAsync(context.CancellationToken));
        var address = new Uri($"{monitor.GetEndpoint("http").Url}/api/dead-letters/{service}/replay");
        try
        {
            using var answer =
                await client.PostAsJsonAsync(address, new { all = true, by = "Aspire dashboard" }, context.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(context.CancellationToken);
            return answer.IsSuccessStatusCode
                ? CommandResults.Success($"Replayed: {text}", text, CommandResultFormat.Json)
                : CommandResults.Failure($"The Monitor answered {(int)answer.StatusCode}: {text}");
        }
        catch (HttpRequestException unreachable)
        {
            return CommandResults.Failure($"The Monitor does not answer: {unreachable.Message}");
        }
    }
}
