using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Tests.Support.Benchmarks;

namespace OrderFlow.Benchmarks.CompressBodies;

/// <summary>What compressing and decompressing the body of an order costs; how many bytes it saves is printed once.</summary>
[MemoryDiagnoser]
[MinIterationTime(200)]
public class CompressionBenchmarks
{
    private byte[] _body = [];
    private ReadOnlyMemory<byte> _compressed;

    /// <summary>Lines of the order: 45 make 1.8 KB, 190 make 7.2 KB.</summary>
    [Params(45, 190)]
    public int Lines { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        _body = new OrderCreated
        {
            OrderId = Guid.CreateVersion7().ToString(),
            UserId = "user-48213",
            Email = "user-48213@example.org",
            Total = 1234.5m.ToMoney("EUR"),
            Lines =
            {
                Enumerable.Range(0, Lines).Select(_ => new OrderLine
                {
                    ItemId = $"sku-{random.Next():x8}-{random.Next(1000)}",
                    Quantity = random.Next(1, 10),
                    UnitPrice = (random.Next(100, 100_000) / 100m).ToMoney("EUR"),
                }),
            },
        }.ToByteArray();
        _compressed = CompressedBody.Compress(_body) ?? throw new InvalidOperationException("It does not get smaller.");
        Console.WriteLine($"// {_body.Length} bytes, compressed {_compressed.Length}");
    }

    [Benchmark]
    public int Compress() => CompressedBody.Compress(_body)!.Value.Length;

    [Benchmark]
    public bool Decompress() => CompressedBody.TryDecompress(_compressed);
}
