using OrderFlow.Contracts;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>A way to tell a customer that the order is complete.</summary>
internal interface ICustomerChannel
{
    /// <summary>What <c>notification.sent</c> calls it.</summary>
    string Name { get; }

    /// <summary>Returns when the customer was told; throws when that failed.</summary>
    Task TellAsync(OrderProcessed order, CancellationToken cancellationToken);
}
