namespace OrderFlow.Messaging.Diagnostics;

/// <summary>Names and values of labels and span attributes; the dotted ones are OpenTelemetry's messaging conventions.</summary>
internal static class Tags
{
    public const string EventType = MessagingTelemetry.EventType;
    public const string Source = "source";
    public const string Handler = MessagingTelemetry.Handler;
    public const string Status = "status";
    public const string Reason = "reason";
    public const string ErrorTypeLabel = "error_type";
    public const string Producer = "producer";
    public const string Queue = "queue";
    public const string Consumer = "consumer";

    public const string Success = "success";
    public const string Failure = "failure";

    /// <summary>Stands for what a message claims and this service does not know: raw text from a message is never a label.</summary>
    public const string Unknown = "unknown";

    public const string MessagingSystem = "messaging.system";
    public const string RabbitMqSystem = "rabbitmq";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string SendOperation = "send";
    public const string ProcessOperation = "process";
    public const string DestinationName = "messaging.destination.name";
    public const string RoutingKey = "messaging.rabbitmq.destination.routing_key";
    public const string MessageId = "messaging.message.id";
    public const string ConversationId = "messaging.message.conversation_id";
    public const string BodySize = "messaging.message.body.size";
    public const string DeliveryTag = "messaging.rabbitmq.message.delivery_tag";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string ErrorType = MessagingTelemetry.ErrorType;

    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}
