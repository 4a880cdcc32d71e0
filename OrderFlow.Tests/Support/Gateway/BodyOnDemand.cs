using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrderFlow.Tests.Support.Gateway;

/// <summary>A JSON body whose headers go ahead and whose bytes follow when the test says so.</summary>
internal sealed class BodyOnDemand : HttpContent
{
    private readonly TaskCompletionSource _send = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _body;

    public BodyOnDemand(string body)
    {
        _body = Encoding.UTF8.GetBytes(body);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public void Send() => _send.SetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await _send.Task;
        await stream.WriteAsync(_body);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
