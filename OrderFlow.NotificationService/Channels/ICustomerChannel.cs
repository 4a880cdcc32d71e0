namespace OrderFlow.NotificationService.Channels;

/// <summary>Notifies a customer of the end of their order, by e-mail, webhook or log.</summary>
internal interface ICustomerChannel
{
    /// <summary>What <c>notification.sent</c> and the notification's row call it.</summary>
    string Name { get; }

    /// <summary>Whether a message leaves the system: then it is recorded before it is sent, too, and not only afterwards.</summary>
    bool ReachesOutside { get; }

    /// <summary>Returns when the message was delivered; throws when that failed.</summary>
    Task SendAsync(CustomerMessage message, CancellationToken cancellationToken);
}
