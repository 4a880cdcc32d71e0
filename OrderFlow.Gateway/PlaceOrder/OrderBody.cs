using System.Buffers;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Reads a body to its end, or to the limit, without copying it.</summary>
internal static class OrderBody
{
    /// <summary>
    /// The whole body, or <see langword="null"/> when it is larger than the limit. The reader must be advanced afterwards.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The body is framed wrongly, comes too slowly or is beyond the server's own
    /// limit.</exception>
    public static async ValueTask<ReadOnlySequence<byte>?> ReadAsync(
        HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCanceled)
            {
                throw new OperationCanceledException("The reading of the body was cancelled.");
            }

            if (result.Buffer.Length > maxBytes)
            {
                return null;
            }

            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
