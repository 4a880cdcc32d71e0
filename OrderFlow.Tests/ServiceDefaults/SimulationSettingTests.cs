using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class SimulationSettingTests
{
    [Theory]
    [InlineData("MinWorkMs is 90", "MinWorkMs=90", "MaxWorkMs=20")]
    [InlineData("MinWorkMs is 1", "MinWorkMs=1")]
    [InlineData("MaxWorkMs", "MaxWorkMs=-1")]
    [InlineData("MaxWorkMs", "MaxWorkMs=60001")]
    public void Wrong_simulated_work_ends_the_start_with_an_error_that_names_it(string message, params string[] settings)
    {
        Should.Throw<OptionsValidationException>(() => Start(builder => builder.AddSimulatedWork(), settings)).Message.ShouldContain(
            message);
        Should.Throw<OptionsValidationException>(() => Start(builder => builder.AddSimulation(), settings)).Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("FailureRate=-0.1")]
    [InlineData("FailureRate=1.1")]
    [InlineData("FailureRate=NaN")]
    [InlineData("FailureMode=7")]
    public void Wrong_simulated_failure_setting_ends_the_start(string setting) =>
        Should.Throw<OptionsValidationException>(() => Start(builder => builder.AddSimulation(), setting)).Message.ShouldContain(
            setting.Split('=')[0]);

    [Fact]
    public void Simulation_is_off_by_default() => Should.NotThrow(() => Start(builder => builder.AddSimulation()));

    private static void Start(Action<WebApplicationBuilder> add, params string[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => setting.Split('=')).Select(pair => KeyValuePair.Create($"Simulation:{pair[0]}", (string?)pair[1])));
        add(builder);
        builder.Services.BuildServiceProvider().GetRequiredService<IStartupValidator>().Validate();
    }
}
