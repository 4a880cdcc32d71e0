using Google.Protobuf;

namespace OrderFlow.Messaging.Publishing;

/// <summary>An event's body: a message still to be encoded, or the bytes of one that was.</summary>
internal readonly struct EventBody
{
    private readonly IMessage? _message;
    private readonly ReadOnlyMemory<byte> _encoded;

    public EventBody(IMessage message) => (_message, Length) = (message, message.CalculateSize());

    public EventBody(ReadOnlyMemory<byte> encoded) => (_encoded, Length) = (encoded, encoded.Length);

    public int Length { get; }

    public void WriteTo(Span<byte> target)
    {
        if (_message is not null)
        {
            _message.WriteTo(target);
        }
        else
        {
            _encoded.Span.CopyTo(target);
        }
    }
}
