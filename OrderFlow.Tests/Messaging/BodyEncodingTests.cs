using System.IO.Compression;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Tests.Messaging;

public sealed class BodyEncodingTests
{
    private static readonly byte[] Text = [.. Enumerable.Range(0, 5000).Select(n => (byte)('a' + n % 7))];

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZip")]
    [InlineData("x-gzip")]
    public void What_is_compressed_is_read_as_it_was_whatever_the_case(string encoding)
    {
        var compressed = BodyEncoding.Compress(Text).ShouldNotBeNull();

        compressed.Length.ShouldBeLessThan(Text.Length / 10);
        Read(encoding, compressed.ToArray()).Body.ShouldBe(Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("Identity")]
    public void Without_an_encoding_a_body_is_what_it_is(string? encoding) => Read(encoding, Text).Body.ShouldBe(Text);

    [Fact]
    public void A_body_that_does_not_get_smaller_or_that_nobody_would_read_stays_as_it_is()
    {
        var noise = new byte[2000];
        new Random(1).NextBytes(noise);

        BodyEncoding.Compress(noise).ShouldBeNull();
        BodyEncoding.Compress(new byte[BodyEncoding.LargestBody + 1]).ShouldBeNull();
        BodyEncoding.Compress(new byte[BodyEncoding.LargestBody]).ShouldNotBeNull();
    }

    [Fact]
    public void Another_encoding_is_named() => Read("br", Text).Problem.ShouldBe("its content encoding is 'br', neither gzip nor identity");

    [Fact]
    public void A_body_cut_anywhere_is_refused()
    {
        var compressed = Gzip(Text);

        for (var length = 0; length < compressed.Length; length++)
        {
            Read("gzip", compressed[..length]).Problem.ShouldNotBeNull().ShouldStartWith("its gzip body is truncated or corrupt");
        }
    }

    [Fact]
    public void A_body_with_any_wrong_byte_is_refused_or_read_as_it_was()
    {
        var compressed = Gzip(Text);

        for (var at = 0; at < compressed.Length; at++)
        {
            var wrong = compressed.ToArray();
            wrong[at] ^= 0x55;
            var (body, problem) = Read("gzip", wrong);
            // Bytes of the header that say nothing of the body, such as its time.
            (problem is not null || (at < 10 && body.SequenceEqual(Text))).ShouldBeTrue($"byte {at}: {problem}");
        }
    }

    [Fact]
    public void A_bomb_is_not_decompressed()
    {
        Read("gzip", Gzip(new byte[BodyEncoding.LargestBody + 1])).Problem.ShouldBe(
            "its body has 16777217 bytes when it is decompressed, at most 16777216 are read");
        Read("gzip", Gzip(new byte[BodyEncoding.LargestBody])).Problem.ShouldBeNull();
        Read("gzip", Gzip(Text), most: 4999).Problem.ShouldBe("its body has 5000 bytes when it is decompressed, at most 4999 are read");

        // One that says less than it has, and one that says more than so few bytes can hold.
        var liar = Gzip(new byte[50_000_000]);
        (liar[^4], liar[^3], liar[^2], liar[^1]) = (10, 0, 0, 0);
        Read("gzip", liar).Problem.ShouldNotBeNull().ShouldContain("truncated or corrupt");
        var boaster = Gzip(Text);
        (boaster[^4], boaster[^3], boaster[^2], boaster[^1]) = (0, 0, 0xFF, 0);
        Read("gzip", boaster).Problem.ShouldBe("its gzip body is truncated or corrupt");
    }

    private static byte[] Gzip(byte[] body)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.SmallestSize))
        {
            gzip.Write(body);
        }

        return target.ToArray();
    }

    private static (byte[] Body, string? Problem) Read(string? encoding, byte[] body, int most = BodyEncoding.LargestBody)
    {
        BodyEncoding.TryDecode(encoding, body, out var decoded, out var problem, most).ShouldBe(problem is null);
        return (decoded.ToArray(), problem);
    }
}
