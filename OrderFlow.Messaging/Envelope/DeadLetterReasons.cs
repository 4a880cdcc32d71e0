namespace OrderFlow.Messaging.Envelope;

/// <summary>Why a message is in a dead-letter queue; header <c>dead-letter-reason</c> and a label, so the set is closed.</summary>
public static class DeadLetterReasons
{
    /// <summary>The handler threw on every attempt.</summary>
    public const string HandlerFailed = "handler_failed";

    /// <summary>The handler threw an exception that is declared permanent, so it was not tried again.</summary>
    public const string PermanentFailure = "permanent_failure";

    /// <summary>The service handles no event of this type.</summary>
    public const string UnknownType = "unknown_type";

    /// <summary>The body is no protobuf of the event's type, or its content type or encoding is not understood.</summary>
    public const string UndecodableBody = "undecodable_body";

    /// <summary>The service understands other versions of the event's body.</summary>
    public const string UnsupportedVersion = "unsupported_version";

    /// <summary>A property or header that the contract requires is missing.</summary>
    public const string MissingHeader = "missing_header";

    /// <summary>A property or header is not what the contract says.</summary>
    public const string InvalidHeader = "invalid_header";

    /// <summary>The broker delivered it so often that it gave it up: its consumer ended over it, or was killed again and again.</summary>
    public const string DeliveryLimit = "delivery_limit";

    /// <summary>It waited longer than a policy's time-to-live allows.</summary>
    public const string Expired = "expired";

    /// <summary>Somebody rejected it.</summary>
    public const string Rejected = "rejected";

    /// <summary>The broker took it out of the service's queue for another reason.</summary>
    public const string Undelivered = "undelivered";

    /// <summary>The reason for the broker's own word.</summary>
    internal static string OfBroker(string? word) => word is DeliveryLimit or Expired or Rejected ? word : Undelivered;
}
