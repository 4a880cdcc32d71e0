using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Supervision;

internal static class SupervisionSetup
{
    /// <summary>Whatever crashes starts again, and whoever waits for a resource goes on as soon as it is healthy.</summary>
    public static void AddSupervision(this IDistributedApplicationBuilder builder, SystemSettings settings)
    {
        builder.Services.AddSingleton<Supervisor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Supervisor>());
        if (!settings.IsTest)
        {
            // A process with several systems in it, as that of the tests, has an orchestrator for each, and they cannot be told apart.
            builder.Services.AddHostedService<OrchestratorWatch>();
        }

        builder.Services.AddOptions<HealthCheckServiceOptions>().PostConfigure<TimeProvider>((options, time) =>
        {
            foreach (var check in options.Registrations)
            {
                var inner = check.Factory;
                check.Factory = services => new PatientHealthCheck(inner(services), time);
            }
        });
        builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((created, _) =>
        {
            var supervisor = created.Services.GetRequiredService<Supervisor>();
            foreach (var resource in created.Model.Resources)
            {
                TellOfStops(resource, supervisor);
                LetStart(resource, created.Model);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// A stop by the user is known before the process ends: its states alone would not show it, because a process that ends
    /// at once is never seen stopping.
    /// </summary>
    private static void TellOfStops(IResource resource, Supervisor supervisor)
    {
        if (resource.Annotations.OfType<ResourceCommandAnnotation>()
            .LastOrDefault(command => command.Name == KnownResourceCommands.StopCommand) is not { } stop)
        {
            return;
        }

        resource.Annotations.Remove(stop);
        resource.Annotations.Add(new ResourceCommandAnnotation(
            stop.Name,
            stop.DisplayName,
            stop.UpdateState,
            context =>
            {
                supervisor.StoppedByUser(context.ResourceName);
                return stop.ExecuteCommand(context);
            },
            stop.DisplayDescription,
            stop.Arguments,
            stop.ConfirmationMessage,
            stop.IconName,
            stop.IconVariant,
            stop.IsHighlighted));
    }

    /// <summary>
    /// Aspire's dashboard has no buttons, so that nobody stops it from within; what it lacks to be started again is that of any other
    /// resource.
    /// </summary>
    private static void LetStart(IResource resource, DistributedApplicationModel model)
    {
        if (resource.Name == ResourceNames.Dashboard && Start(resource) is null
            && model.Resources.Select(Start).FirstOrDefault(start => start is not null) is { } start)
        {
            resource.Annotations.Add(start);
        }

        static ResourceCommandAnnotation? Start(IResource resource) =>
            resource.Annotations.OfType<ResourceCommandAnnotation>()
                .LastOrDefault(command => command.Name == KnownResourceCommands.StartCommand);
    }
}
