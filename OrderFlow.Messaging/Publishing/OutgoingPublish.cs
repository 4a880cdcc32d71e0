namespace OrderFlow.Messaging.Publishing;

/// <summary>An event on its way to the broker: its message, and what is measured of it.</summary>
internal sealed record OutgoingPublish(PublishMeasurement Measurement, PendingPublish Message) : IDisposable
{
    public string WireType => Measurement.Route.WireType;

    public void Dispose() => Measurement.Dispose();
}
