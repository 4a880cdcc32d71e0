using Google.Protobuf;

namespace OrderFlow.Messaging.Durability;

public static class TemporaryWiring
{
    public static MessagingBuilder HandlesInTransaction<TEvent, THandler>(this MessagingBuilder bus)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, ITransactionalHandler<TEvent> => throw new NotSupportedException("comes with the inbox.");
}
