using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Security;

/// <summary>Who may read and decide: one token for pages and API, and the fields whose values nobody is shown.</summary>
internal static class SecuritySetup
{
    public static void AddSecurity(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AccessToken>();
        builder.Services.AddSingleton<MaskedFields>();
    }

    /// <summary>Asks for the token from here on.</summary>
    public static void UseSecurity(this WebApplication app)
    {
        app.UseMiddleware<AccessCheck>();
        var token = app.Services.GetRequiredService<AccessToken>();
        if (token.IsGenerated)
        {
            app.Lifetime.ApplicationStarted.Register(() => Log.LogIn(
                app.Services.GetRequiredService<ILogger<AccessToken>>(),
                $"{app.Urls.FirstOrDefault()?.TrimEnd('/')}{LoginRedirect.Path}?t={token.Value}"));
        }
    }
}
