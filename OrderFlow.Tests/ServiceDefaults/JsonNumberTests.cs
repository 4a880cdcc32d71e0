using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrderFlow.ServiceDefaults.Json;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class JsonNumberTests
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new IntegerConverter() } };

    [Theory]
    [InlineData("2", 2)]
    [InlineData("2.0", 2)]
    [InlineData("2.000000000000000000000000000000000000000000", 2)]
    [InlineData("2e0", 2)]
    [InlineData("20e-1", 2)]
    [InlineData("0.2E+1", 2)]
    [InlineData("0.00002e00005", 2)]
    [InlineData("-2.0", -2)]
    [InlineData("-0", 0)]
    [InlineData("0e999999999999999999999", 0)]
    [InlineData("0.0e-99999999999999999999", 0)]
    [InlineData("10.5e1", 105)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Number_without_a_fraction_is_read_as_an_integer(string text, long expected)
    {
        JsonNumber.TryReadInteger(Encoding.ASCII.GetBytes(text), out var value).ShouldBeTrue();
        value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("2.5")]
    [InlineData("25e-1")]
    [InlineData("2e-1")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("1e99999999999999999999")]
    [InlineData("9223372036854775808")]
    [InlineData("2x")]
    [InlineData("2e1x")]
    [InlineData("-")]
    [InlineData("")]
    public void Number_with_a_fraction_or_out_of_range_is_not_read_as_an_integer(string text) =>
        JsonNumber.TryReadInteger(Encoding.ASCII.GetBytes(text), out _).ShouldBeFalse();

    [Theory]
    [InlineData("19.99", "19.99")]
    [InlineData("1999e-2", "19.99")]
    [InlineData("1e1", "10")]
    [InlineData("0.00010000", "0.0001")]
    [InlineData("0.00001", null)]
    [InlineData("1e-5", null)]
    [InlineData("12345678901234567890123456789", null)]
    public void Decimal_is_read_exactly_and_refused_with_too_many_decimals_or_digits(string text, string? expected)
    {
        JsonNumber.TryReadDecimal(Encoding.ASCII.GetBytes(text), 4, out var value).ShouldBe(expected is not null);
        value.ShouldBe(expected is null ? 0 : decimal.Parse(expected, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Number_of_a_million_digits_is_read_in_linear_time()
    {
        var number = Encoding.ASCII.GetBytes($"2{new string('0', 1_000_000)}e-1000000");
        var clock = Stopwatch.StartNew();

        JsonNumber.TryReadInteger(number, out var value).ShouldBeTrue();

        value.ShouldBe(2);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Integers_in_JSON_bodies_are_read_by_their_value()
    {
        JsonSerializer.Deserialize<int[]>("[1.0, 5e0, 500e-1]", Options).ShouldBe([1, 5, 50]);
        JsonSerializer.Deserialize<int?[]>("[null, 2.0]", Options).ShouldBe([null, 2]);
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<int[]>("[1.5]", Options));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<int[]>("[2147483648]", Options));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<int[]>("[\"1\"]", Options));
        JsonSerializer.Serialize(7, Options).ShouldBe("7");
    }
}
