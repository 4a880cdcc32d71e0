using System.Text;
using OrderFlow.Benchmarks.Measuring.Load;

namespace OrderFlow.Tests.Benchmarks;

public sealed class HttpAnswerTests
{
    [Theory]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello", 202)]
    [InlineData("HTTP/1.1 202 Accepted\r\nDate: now\r\ncontent-length:0\r\nLocation: /orders/1\r\n\r\n", 202)]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n", 429)]
    public void Answer_is_complete_only_with_its_last_byte(string answer, int status)
    {
        var bytes = Encoding.ASCII.GetBytes(answer);

        for (var arrived = 0; arrived < bytes.Length; arrived++)
        {
            HttpAnswer.TryRead(bytes.AsSpan(0, arrived), out _).ShouldBeFalse(answer[..arrived]);
        }

        HttpAnswer.TryRead(bytes, out var read).ShouldBeTrue();
        read.ShouldBe(status);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")]
    public void What_has_no_end_that_can_be_found_is_an_error(string answer)
    {
        Should.Throw<InvalidDataException>(() => HttpAnswer.TryRead(Encoding.ASCII.GetBytes(answer), out _));
    }
}
