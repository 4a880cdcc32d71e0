using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.OrderService.ExpireOrder;

/// <summary>How long an order waits; configuration section <c>Orders</c>.</summary>
internal sealed class ExpireOrderOptions
{
    public const string Section = "Orders";

    /// <summary>
    /// How long an order waits for the answer about its payment before it is rejected, from 1 s to 30 days. Longer than a payment takes
    /// with all its retries. Default: 15 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan PaymentTimeout { get; set; } = TimeSpan.FromMinutes(15);
}

[OptionsValidator]
internal sealed partial class ExpireOrderOptionsValidator : IValidateOptions<ExpireOrderOptions>;
