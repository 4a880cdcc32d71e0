using Microsoft.Extensions.Options;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class PlaceOrderSettingTests
{
    [Theory]
    [InlineData("PlaceOrder:MaxItems", "0")]
    [InlineData("PlaceOrder:MaxBodyBytes", "-1")]
    [InlineData("PlaceOrder:DefaultCurrency", "euro")]
    [InlineData("PlaceOrder:MaxInFlight", "0")]
    public async Task Wrong_setting_ends_the_start_with_an_error_that_names_it(string key, string value)
    {
        var failure =
            await Should.ThrowAsync<OptionsValidationException>(async () => await RunningGateway.StartAsync(settings: (key, value)));

        failure.Message.ShouldContain(key.Split(':')[1]);
    }
}
