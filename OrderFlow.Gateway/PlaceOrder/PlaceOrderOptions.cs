using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Limits of <c>POST /orders</c>; configuration section <c>PlaceOrder</c>.</summary>
internal sealed class PlaceOrderOptions
{
    public const string Section = "PlaceOrder";

    /// <summary>Largest body, in bytes. Default: 1 MB.</summary>
    [Range(1_024, 16_000_000)]
    public int MaxBodyBytes { get; set; } = 1_000_000;

    /// <summary>Most items in one order. Default: 100.</summary>
    [Range(1, 10_000)]
    public int MaxItems { get; set; } = 100;

    /// <summary>Currency of prices that name none, ISO 4217. Default: EUR.</summary>
    [Required, AllowedCurrency]
    public string DefaultCurrency { get; set; } = "EUR";

    /// <summary>Most orders that are being read or wait for the broker's confirm at one time; more get 429. Default: 4,096.</summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; set; } = 4_096;

    /// <summary>
    /// How long an order may wait in the queues on its way, all of them together, by what the services tell. When they wait longer, no more
    /// come in than are worked on, and the others are turned away with 503. Not while fewer than 1,500 wait, nor while nobody works on
    /// them: in an outage orders wait safely. Default: 0.5 s; 0: no limit.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>Retry-After</c> of a 429, and of a 503 because of <see cref="LongestWait"/>, in seconds. Default: 1.</summary>
    [Range(1, 3_600)]
    public int OverloadRetryAfterSeconds { get; set; } = 1;

    /// <summary><c>Retry-After</c> of a 503, in seconds. Default: 5, about what a broker needs to start again.</summary>
    [Range(1, 3_600)]
    public int BrokerRetryAfterSeconds { get; set; } = 5;
}

[OptionsValidator]
internal sealed partial class PlaceOrderOptionsValidator : IValidateOptions<PlaceOrderOptions>;

[AttributeUsage(AttributeTargets.Property)]
internal sealed class AllowedCurrencyAttribute() : ValidationAttribute("The field {0} must be an ISO 4217 currency code.")
{
    public override bool IsValid(object? value) => value is string code && Currencies.Contains(code);
}
