using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.Monitor.Security;

/// <summary>Who gets in, request by request.</summary>
[Collection(JourneyFixture.Collection)]
public sealed class AccessTests(JourneyFixture journey) : IDisposable
{
    private readonly HttpClient _stranger = new(
        new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = journey.Host.Monitor.BaseAddress };

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public void Dispose() => _stranger.Dispose();

    [Theory]
    [InlineData("/api/dashboard")]
    [InlineData("/api/orders/x")]
    [InlineData("/API/latency")]
    public async Task Api_without_the_token_answers_401_and_names_the_token(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        (await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken))
            .GetProperty("type")
            .GetString()
            .ShouldBe("urn:orderflow:problem:token-required");

        using var wrong = await SendAsync(HttpMethod.Get, path, ("Authorization", $"Bearer {OrderFlowHost.MonitorToken}x"));
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/orders")]
    [InlineData("/nothing")]
    public async Task Page_without_the_token_redirects_to_the_login(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location.ShouldNotBeNull().ToString().ShouldBe($"/login?to={Uri.EscapeDataString(path)}");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/metrics")]
    [InlineData("/assets/console.css")]
    public async Task Health_metrics_and_assets_need_no_token(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Link_from_another_site_is_requested_again_before_the_login()
    {
        using var answer = await SendAsync(HttpMethod.Get, "/orders?q=a%22b", ("Sec-Fetch-Site", "cross-site"));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(CancellationToken)).ShouldContain("content=\"0;url=/orders?q=a%22b\"");
    }

    [Theory]
    [InlineData("//elsewhere.example")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("https://elsewhere.example")]
    public async Task Login_redirects_only_to_this_site(string to)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/login?t={OrderFlowHost.MonitorToken}&to={Uri.EscapeDataString(to)}");
        (await answer.Content.ReadAsStringAsync(CancellationToken)).ShouldContain("content=\"0;url=/\"");
    }

    [Fact]
    public async Task Cookie_is_refused_for_changes_from_another_site()
    {
        using var login = await SendAsync(HttpMethod.Get, $"/login?t={OrderFlowHost.MonitorToken}");
        var cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        using var read = await SendAsync(HttpMethod.Get, "/api/dashboard", ("Cookie", cookie));
        read.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var elsewhere = await SendAsync(HttpMethod.Post, "/api/nothing", ("Cookie", cookie), ("Origin", "http://localhost:1"));
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var unsaid = await SendAsync(HttpMethod.Post, "/api/nothing", ("Cookie", cookie));
        unsaid.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var here = await SendAsync(
            HttpMethod.Post, "/api/nothing", ("Cookie", cookie), ("Origin", _stranger.BaseAddress!.GetLeftPart(UriPartial.Authority)));
        here.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _stranger.SendAsync(request, CancellationToken);
    }
}
