using Microsoft.Playwright;

namespace OrderFlow.Tests.Support.Browser;

/// <summary>The distribution's browser, without a window.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var program = Array.Find(Places, File.Exists)
            ?? throw new InvalidOperationException(
                $"There is no browser at {string.Join(" or ", Places)}. ./test.sh installs it; on Debian: apt-get install "
                + "--no-install-recommends chromium");
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        // Root may not use the sandbox, and in a container everyone is root; what is opened here is our own.
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    /// <summary>Somebody who looks at the console for the first time.</summary>
    internal async Task<Viewer> OpenAsync(Uri console, ColorScheme theme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = console.ToString(),
            ColorScheme = theme,
            TimezoneId = "Asia/Kathmandu",
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
        });
        context.SetDefaultTimeout(30_000);
        context.SetDefaultNavigationTimeout(30_000);
        return new Viewer(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
