using Google.Protobuf;

namespace OrderFlow.Messaging.Publishing;

/// <summary>An event's body: a message still to be encoded, or the bytes of one that was.</summary>
internal readonly struct EventBody
{
    private readonly IMessage? message;
    private readonly ReadOnlyMemory<byte> encoded;

    public EventBody(IMessage message) => (this.message, Length) = (message, message.CalculateSize());

    public EventBody(ReadOnlyMemory<byte> encoded) => (this.encoded, Length) = (encoded, encoded.Length);

    public int Length { get; }

    public void WriteTo(Span<byte> target)
    {
        if (message is not null)
        {
            message.WriteTo(target);
        }
        else
        {
            encoded.Span.CopyTo(target);
        }
    }
}
