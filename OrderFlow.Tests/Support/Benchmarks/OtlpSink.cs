using System.Net;

namespace OrderFlow.Tests.Support.Benchmarks;

/// <summary>Takes OTLP and forgets it. Not on Kestrel, which would be traced itself.</summary>
internal sealed class OtlpSink : IDisposable
{
    private readonly HttpListener _listener = new();

    public OtlpSink()
    {
        Endpoint = new Uri($"http://127.0.0.1:{FreePorts.Next()}/");
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Start();
        _ = Task.Run(AnswerAsync);
    }

    public Uri Endpoint { get; }

    /// <summary>How many came.</summary>
    public int Requests { get; private set; }

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var request = await _listener.GetContextAsync();
                await request.Request.InputStream.CopyToAsync(Stream.Null);
                Requests++;
                request.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
