using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Tests.Cli.Ledgers;

public sealed class OrderNumbersTests
{
    private readonly OrderNumbers _numbers = new("0a1b2c3d");

    [Fact]
    public void A_correlation_id_leads_back_to_the_number()
    {
        _numbers.TryRead(_numbers.CorrelationId(4_711), out var number).ShouldBeTrue();
        number.ShouldBe(4_711);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01a1fcab-9598-7761-9ea2-b1507d5f1ab7")]
    [InlineData("load-ffffffff-1")]
    [InlineData("load-0a1b2c3d-")]
    [InlineData("load-0a1b2c3d--1")]
    [InlineData("load-0a1b2c3d-1x")]
    [InlineData("load-0a1b2c3d-99999999999999999999")]
    public void A_correlation_id_of_another_run_is_not_read(string? correlationId) =>
        _numbers.TryRead(correlationId, out _).ShouldBeFalse();
}
