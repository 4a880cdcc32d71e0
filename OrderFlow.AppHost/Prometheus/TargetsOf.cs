namespace OrderFlow.AppHost.Prometheus;

/// <summary>Where one process of a resource can be scraped, read from its snapshot.</summary>
internal static class TargetsOf
{
    /// <summary>
    /// The addresses that the process itself listens on. The endpoint's public address would not do:
    /// with replicas it is a proxy's, and each scrape would reach another process.
    /// </summary>
    public static IEnumerable<string> ListeningUrls(CustomResourceSnapshot snapshot) => snapshot.EnvironmentVariables
        .Where(variable => variable.Name == "ASPNETCORE_URLS")
        .SelectMany(variable => (variable.Value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        .Where(url => url.StartsWith("http://", StringComparison.Ordinal))
        .Select(HostAndPort);

    /// <summary>The address of an endpoint that is there once, as of a server without replicas.</summary>
    public static Func<CustomResourceSnapshot, IEnumerable<string>> Endpoint(EndpointReference endpoint) =>
        _ => endpoint.IsAllocated ? [HostAndPort(endpoint.Url)] : [];

    private static string HostAndPort(string url)
    {
        var uri = new Uri(url);
        return $"{uri.Host}:{uri.Port}";
    }
}
