using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class OrderFuzzTests
{
    private const string Sample =
        """{"items":[{"id":"item-1","quantity":2,"unitPrice":19.99},{"id":"caf\u00e9 \ud83d\ude00","quantity":10000}]"""
        + ""","userId":"user-123","currency":"EUR","email":"a@example.org","x":{"y":[null,true,1e5]}}""";

    private static readonly string[] Fragments =
    [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "null", "true", "-", "1e999", "-0", "0.00001", "99999999999999999999", "\\ud800",
        "\\udc00", "\\u0000", "\0", "\r\n",
        "\"items\":", "\"quantity\":", "\"id\":", "\"\\ud800\":", "\"userId\":", "\"currency\":\"\\u0045UR\"", "\uFEFF", "é",
        "/**/", "[[[[[[[[", " ",
    ];

    [Fact]
    public void Reader_finds_an_order_or_errors_in_any_bytes()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var reader = new OrderReader(Options.Create(new PlaceOrderOptions()));
        var (good, bad) = (0, 0);
        for (var round = 0; round < 30_000; round++)
        {
            var body = Mutate(random);
            var errors = new OrderErrors();
            try
            {
                var order = reader.Read(body, errors);
                if (errors.Any)
                {
                    bad++;
                    continue;
                }

                good++;
                order.Lines.Count.ShouldBeInRange(1, 100);
                order.Lines.ShouldAllBe(line =>
                    line.Quantity >= 1 && line.Quantity <= 10_000 && line.ItemId.Length >= 1 && line.ItemId.Length <= 64);
                order.UserId.Length.ShouldBeInRange(1, 128);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"Seed {seed}, round {round}, body {Convert.ToBase64String(body)}: {exception.Message}", exception);
            }
        }

        good.ShouldBeGreaterThan(0, $"seed {seed}");
        bad.ShouldBeGreaterThan(0, $"seed {seed}");
    }

    [Fact]
    public async Task Gateway_answers_any_bytes_without_a_5xx()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await using var gateway = await RunningGateway.StartAsync();
        var accepted = 0;
        for (var round = 0; round < 1_000; round++)
        {
            var body = Mutate(random);
            var response = await gateway.PostAsync(new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } });

            response.StatusCode.ShouldBeOneOf(
                [HttpStatusCode.Accepted, HttpStatusCode.BadRequest], $"seed {seed}, round {round}, body {Convert.ToBase64String(body)}");
            accepted += response.StatusCode == HttpStatusCode.Accepted ? 1 : 0;
        }

        gateway.Publisher.Published.Count.ShouldBe(accepted, $"seed {seed}");
    }

    private static byte[] Mutate(Random random)
    {
        var body = new List<byte>(Encoding.UTF8.GetBytes(Sample));
        for (var change = random.Next(0, 4); change > 0; change--)
        {
            var at = random.Next(body.Count);
            switch (random.Next(5))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(random.Next(1, 12), body.Count - at));
                    break;
                case 2:
                    body.InsertRange(at, Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]));
                    break;
                case 3:
                    body.InsertRange(at, body.GetRange(at, Math.Min(random.Next(1, 40), body.Count - at)));
                    break;
                default:
                    body.RemoveRange(at, body.Count - at);
                    break;
            }

            if (body.Count == 0)
            {
                break;
            }
        }

        return [.. body];
    }
}
