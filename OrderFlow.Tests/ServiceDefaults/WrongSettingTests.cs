using System.Diagnostics;
using OrderFlow.ServiceDefaults.Startup;
using OrderFlow.Tests.Support;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class WrongSettingTests
{
    private const string Messaging = "ConnectionStrings:messaging=amqp://nobody:nothing@127.0.0.1:1";
    private const string Notifications = "ConnectionStrings:notifications=Host=127.0.0.1;Port=1;Username=nobody;Database=notifications";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "There is no connection string 'messaging'. The AppHost injects it; "
        + "to run the service alone, set ConnectionStrings__messaging=amqp://<user>:<password>@<host>:5672.")]
    [InlineData(
        "The connection string 'messaging' is no AMQP address. It must read amqp://<user>:<password>@<host>:<port>/<vhost>, "
        + "with special characters in user and password percent-encoded.",
        "ConnectionStrings:messaging=http://a:s3cret@b")]
    [InlineData(
        "There is no connection string 'notifications'. The AppHost injects it; to run the service alone, "
        + "set ConnectionStrings__notifications=Host=<host>;Port=5432;Username=<user>;Password=<password>;Database=notifications.",
        Messaging)]
    [InlineData(
        "The field Messaging:Prefetch must be between 1 and 65535. It is set in appsettings.json, "
        + "in the environment (Messaging__Prefetch=<value>) or as an argument (--Messaging:Prefetch=<value>).",
        Messaging, Notifications, "Messaging:Prefetch=0")]
    [InlineData(
        "Failed to convert configuration value 'many' at 'Messaging:Prefetch' to type 'System.Int32'.", Messaging, Notifications,
        "Messaging:Prefetch=many")]
    [InlineData(
        "The field Notification:Smtp:Port must be between 1 and 65535. It is set in appsettings.json, "
        + "in the environment (Notification__Smtp__Port=<value>) or as an argument (--Notification:Smtp:Port=<value>).",
        Messaging, Notifications, "Notification:Smtp:Port=0")]
    [InlineData(
        "Simulation:Switchable is true, so Simulation:Key must be a secret of at least 16 characters. It is set in appsettings.json, "
        + "in the environment (Simulation__Key=<value>) or as an argument (--Simulation:Key=<value>).",
        Messaging, Notifications, "Simulation:Switchable=true", "Simulation:Key=s3cret")]
    public async Task A_service_with_a_wrong_setting_ends_with_one_line_that_says_what_to_set(string line, params string[] settings)
    {
        using var directory = new TemporaryDirectory();

        var (exitCode, output, errors) = await RunAsync("OrderFlow.NotificationService", directory.FullPath, settings);

        errors.ShouldBe($"OrderFlow.NotificationService cannot start: {line}\n");
        output.ShouldBeEmpty();
        exitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Two_wrong_settings_of_a_section_are_reported_in_one_line()
    {
        using var directory = new TemporaryDirectory();

        var (exitCode, output, errors) =
            await RunAsync("OrderFlow.Gateway", directory.FullPath, Messaging, "PlaceOrder:MaxItems=0", "PlaceOrder:MaxInFlight=-1");

        errors.ShouldBe(
            "OrderFlow.Gateway cannot start: The field PlaceOrder:MaxItems must be between 1 and 10000. "
            + "The field PlaceOrder:MaxInFlight must be between 1 and 1000000. "
            + "It is set in appsettings.json, in the environment (PlaceOrder__MaxItems=<value>) "
            + "or as an argument (--PlaceOrder:MaxItems=<value>).\n");
        (exitCode, output).ShouldBe((1, ""));
    }

    [Fact]
    public async Task Settings_file_that_is_not_JSON_is_named_with_the_line()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.FullPath, "appsettings.json"), "{\n  \"Messaging\": {,\n}", Cancellation);

        var (exitCode, output, errors) = await RunAsync("OrderFlow.OrderService", directory.FullPath);

        errors.ShouldStartWith("OrderFlow.OrderService cannot start: Failed to load configuration from file ");
        errors.ShouldContain("appsettings.json");
        errors.ShouldContain("LineNumber: 1");
        errors.Count(character => character == '\n').ShouldBe(1);
        (exitCode, output).ShouldBe((1, ""));
    }

    [Fact]
    public void Failure_that_is_not_about_a_setting_keeps_its_stack_trace()
    {
        WrongSetting.Describe(new InvalidOperationException("a bug")).ShouldBeNull();
        WrongSetting.Describe(new AggregateException(new InvalidOperationException("a bug"))).ShouldBeNull();
        WrongSetting.Describe(new AggregateException()).ShouldBeNull();
        WrongSetting.Describe(null).ShouldBeNull();
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string service, string directory, params string[] settings)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, service),
            settings.Select(setting => $"--{setting}").Append("--urls=http://127.0.0.1:0"))
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start).ShouldNotBeNull();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(Cancellation);
            var errors = process.StandardError.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill();
        }
    }
}
