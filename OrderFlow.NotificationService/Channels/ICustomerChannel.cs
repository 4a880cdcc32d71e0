namespace OrderFlow.NotificationService.Channels;

/// <summary>A way to tell a customer how their order ended.</summary>
internal interface ICustomerChannel
{
    /// <summary>What <c>notification.sent</c> and the notification's row call it.</summary>
    string Name { get; }

    /// <summary>Whether someone outside hears it: then it is noted before it is told, too.</summary>
    bool ReachesOutside { get; }

    /// <summary>Returns when the customer was told; throws when that failed.</summary>
    Task SendAsync(CustomerMessage message, CancellationToken cancellationToken);
}
