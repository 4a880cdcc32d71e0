using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Dashboard;

/// <summary>Where the Aspire dashboard is, and what the AppHost itself says.</summary>
internal static class DashboardSetup
{
    /// <summary>Aspire reads it as the address of its dashboard.</summary>
    public const string UrlSetting = "ASPNETCORE_URLS";

    /// <summary>
    /// The dashboard listens on the loopback address, without a certificate that every browser would warn of, and asks for a token that is
    /// another one with every start.
    /// </summary>
    public static void AddDashboard(this IDistributedApplicationBuilder builder, SystemSettings settings)
    {
        builder.Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] ??= "true";
        if (settings.Ports.Dashboard is { } port)
        {
            builder.Configuration[UrlSetting] = $"http://localhost:{port}";
        }

        if (settings.IsTest)
        {
            builder.Services.AddLogging(logging => logging.ClearProviders());
            return;
        }

        // What Aspire logs while it starts is in the start report, once and shorter, when everything runs.
        builder.Services.AddLogging(logging => logging
            .AddFilter("Aspire.Hosting", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System.Net.Http", LogLevel.Warning)
            .AddFilter("Polly", LogLevel.Warning)
            .AddSimpleConsole(console => console.SingleLine = true));
    }

    /// <summary>The dashboard's address with its token; <see langword="null"/> where there is no dashboard, as in a test.</summary>
    public static string? LoginUrl(Microsoft.Extensions.Configuration.IConfiguration configuration) =>
        configuration[UrlSetting] is { Length: > 0 } url && configuration["AppHost:BrowserToken"] is { Length: > 0 } token
            ? $"{url}/login?t={token}"
            : null;
}
