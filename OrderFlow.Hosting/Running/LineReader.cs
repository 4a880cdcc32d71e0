using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrderFlow.Hosting.Running;

/// <summary>Reads a pipe to its end and hands on line by line; a line without an end is cut where it gets too long.</summary>
internal sealed class LineReader(SafeFileHandle pipe, Action<string> output)
{
    private const int LongestLine = 64 * 1024;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Ended => _ended.Task;

    public void ReadToEnd()
    {
        try
        {
            using var stream = new FileStream(pipe, FileAccess.Read, bufferSize: 0);
            Read(stream);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void Read(FileStream stream)
    {
        var buffer = new byte[LongestLine];
        var filled = 0;
        int count;
        while ((count = stream.Read(buffer, filled, buffer.Length - filled)) > 0)
        {
            filled += count;
            var start = 0;
            int length;
            while ((length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0)
            {
                Emit(buffer.AsSpan(start, length));
                start += length + 1;
            }

            if (start == 0 && filled == buffer.Length)
            {
                Emit(buffer);
                start = filled;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }

        if (filled > 0)
        {
            Emit(buffer.AsSpan(0, filled));
        }
    }

    private void Emit(ReadOnlySpan<byte> line) => output(Encoding.UTF8.GetString(line).TrimEnd('\r'));
}
