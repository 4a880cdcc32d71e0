using Microsoft.Extensions.Configuration;

namespace OrderFlow.ServiceDefaults.Discovery;

/// <summary>
/// Sends a request for <c>http://order-service/…</c> to the service of that name: to one of the addresses <c>services:order-service:http:0</c>,
/// <c>:1</c> … of the configuration, which the AppHost injects, in turn. A host that the configuration does not know is left alone: DNS may.
/// </summary>
internal sealed class ServiceAddressHandler(IConfiguration configuration) : DelegatingHandler
{
    private int _turn = -1;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { IsAbsoluteUri: true } uri)
        {
            // Read each time: the configuration may be reloaded, and this is cheap beside a request.
            string[] addresses = [.. configuration.GetSection($"services:{uri.Host}:{uri.Scheme}").GetChildren().Select(child => child.Value).OfType<string>()];
            if (addresses.Length > 0)
            {
                var address = addresses[(uint)Interlocked.Increment(ref _turn) % addresses.Length];
                request.RequestUri = Replace(uri, address);
            }
        }

        return base.SendAsync(request, cancellationToken);
    }

    private static Uri Replace(Uri uri, string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var service)
            ? new UriBuilder(uri) { Scheme = service.Scheme, Host = service.Host, Port = service.Port }.Uri
            : throw new InvalidOperationException($"The address of service '{uri.Host}' is '{address}'; services:{uri.Host}:{uri.Scheme}:0 must be a URL, such as http://localhost:8081.");
}
