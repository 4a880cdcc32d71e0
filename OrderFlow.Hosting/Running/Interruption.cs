namespace OrderFlow.Hosting.Running;

/// <summary>The wish not to wait any longer for anything to end by itself.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _immediately = new();

    public CancellationToken Immediately => _immediately.Token;

    public void Now() => _immediately.Cancel();

    public void Dispose() => _immediately.Dispose();
}
