namespace OrderFlow.Hosting.Running;

/// <summary>Measures the start: from the first line of the AppHost until the first resource could start, and until all are healthy.</summary>
internal sealed class StartClock(TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();

    /// <summary>How long the engine itself took before the first resource.</summary>
    public TimeSpan EngineShare { get; private set; }

    public TimeSpan SinceStart => time.GetElapsedTime(_began);

    public void EngineIsReady() => EngineShare = SinceStart;
}
