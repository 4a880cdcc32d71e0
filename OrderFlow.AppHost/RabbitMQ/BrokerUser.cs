namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>A service's user of the broker. Its permissions are regular expressions that a name matches as a whole.</summary>
/// <param name="Service">The service's resource, which is also the user's name and the first part of its queues' names.</param>
/// <param name="Configure">Exchanges and queues that it may declare and delete.</param>
/// <param name="Write">Exchanges that it may publish to; queues and exchanges that it may bind to something.</param>
/// <param name="Read">Queues that it may consume and purge; exchanges that it may bind something to.</param>
internal sealed record BrokerUser(string Service, string Configure, string Write, string Read)
{
    private const string Notices = "handling.notices";

    /// <summary>The exchange that every publisher sends copies to, for the Monitor.</summary>
    private const string WireTap = "wire-tap";

    /// <summary>Where every service tells that it is there.</summary>
    private const string Heartbeats = "service.heartbeats";

    /// <summary>The default exchange: dead letters and delayed retries go to their queue by its name.</summary>
    private const string DefaultExchange = "amq.default";

    /// <summary>A service that publishes to exchanges, and takes events from exchanges into queues of its own.</summary>
    public static BrokerUser OfService(string service, string[] publishes, string[] handles)
    {
        string[] all = [.. publishes, WireTap, Heartbeats];
        if (handles.Length == 0)
        {
            // A queue of no name, to hear how the others do.
            string[] ears = [@"amq\.gen-.+"];
            return new(
                service,
                Configure: Any([.. Names(all), .. ears]),
                Write: Any([.. Names(all), .. ears]),
                Read: Any([.. Names([Heartbeats]), .. ears]));
        }

        // Its queue, those of its retries, its dead letters and its partitions, and the exchange that spreads events over these.
        var own = $@"{Name(service)}(\..+)?";
        return new(
            service,
            Configure: Any([own, .. Names([.. all, .. handles, Notices])]),
            Write: Any([own, .. Names([.. all, Notices, DefaultExchange])]),
            Read: Any([own, .. Names(handles)]));
    }

    /// <summary>
    /// The Monitor: taps the exchanges, and lists, replays and discards the dead letters of the consumers.
    /// </summary>
    public static BrokerUser OfMonitor(string monitor, string[] hears, string[] consumers)
    {
        var services = $"({string.Join('|', Names(consumers))})";
        // Also a queue of no name, for as long as it waits for what becomes of a replay.
        string[] own = [$@"{Name(monitor)}\..+", @"amq\.gen-.+"];
        string[] exchanges = [.. Names([.. hears, Notices, WireTap, Heartbeats])];
        var deadLetters = $@"{services}\.dead-letters";
        return new(
            monitor,
            Configure: Any([.. own, .. exchanges, deadLetters]),
            // Where a service keeps an order, its dead letters go back to the exchange that knows their partition.
            Write: Any([.. own, .. Names([Notices, WireTap, DefaultExchange]), $@"{services}\.ordered"]),
            Read: Any([.. own, .. exchanges, deadLetters]));
    }

    /// <summary>Of the characters that a name may have only the dot means something in an expression.</summary>
    private static string Name(string name) => name.Replace(".", @"\.", StringComparison.Ordinal);

    private static IEnumerable<string> Names(IEnumerable<string> names) => names.Distinct(StringComparer.Ordinal).Select(Name);

    /// <summary>Of nothing: <c>^$</c>, which is the name of nothing.</summary>
    private static string Any(IEnumerable<string> expressions) =>
        string.Join('|', expressions) is { Length: > 0 } any ? $"^({any})$" : "^$";
}
