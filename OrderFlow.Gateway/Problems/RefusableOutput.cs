using System.IO.Pipelines;

namespace OrderFlow.Gateway.Problems;

/// <summary>A connection's output, which can give one last answer and then no other.</summary>
internal sealed class RefusableOutput(PipeWriter output) : PipeWriter
{
    private byte[]? _unheard;

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    /// <summary>Answers, and drops whatever is written afterwards. The answer leaves with the next flush.</summary>
    public void AnswerLast(ReadOnlySpan<byte> answer)
    {
        if (_unheard is null)
        {
            answer.CopyTo(output.GetSpan(answer.Length));
            output.Advance(answer.Length);
            _unheard = [];
        }
    }

    public override void Advance(int bytes)
    {
        if (_unheard is null)
        {
            output.Advance(bytes);
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _unheard is null ? output.GetMemory(sizeHint) : Unheard(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _unheard is null ? output.GetSpan(sizeHint) : Unheard(sizeHint);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _unheard is null ? output.WriteAsync(source, cancellationToken) : output.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => output.CompleteAsync(exception);

    private byte[] Unheard(int sizeHint)
    {
        if (_unheard!.Length < Math.Max(sizeHint, 1))
        {
            _unheard = new byte[Math.Max(sizeHint, 1024)];
        }

        return _unheard;
    }
}
