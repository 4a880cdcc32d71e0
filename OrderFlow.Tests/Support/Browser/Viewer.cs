using System.Text.Json;
using Microsoft.Playwright;

namespace OrderFlow.Tests.Support.Browser;

/// <summary>One viewer with cookies and storage of their own. Disposing says what the browser complained about.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly List<string> _complaints = [];

    public Viewer(IBrowserContext context, IPage page)
    {
        (Context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Add($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    /// <summary>Errors and warnings in the browser's console so far.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public async Task<Viewer> LogInAsync(string token)
    {
        await Page.GotoAsync($"/login?t={token}");
        await Page.Locator("main").WaitForAsync();
        await Assertions.Expect(Page).ToHaveTitleAsync("Overview – OrderFlow");
        // The login leads on to this page, whose script may still be on its way.
        await Page.WaitForLoadStateAsync(LoadState.Load);
        return this;
    }

    public async Task<JsonElement> ApiAsync(string path) =>
        await Page.EvaluateAsync<JsonElement>("async path => await (await fetch(path)).json()", path);

    public async ValueTask DisposeAsync() => await Context.CloseAsync();
}
