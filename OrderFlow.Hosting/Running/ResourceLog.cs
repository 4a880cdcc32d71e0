using System.Text;

namespace OrderFlow.Hosting.Running;

/// <summary>A resource's output in <c>logs/{name}.log</c>, raw; the file of the start before is kept as <c>.log.1</c>. Remembers the last lines.</summary>
internal sealed class ResourceLog : IDisposable
{
    private const int Remembered = 20;
    private const long LargestFile = 64 * 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Queue<string> _last = new(Remembered);
    private readonly Lock _gate = new();
    private readonly string _path;
    private StreamWriter? _writer;

    public ResourceLog(string directory, string name)
    {
        RunDirectory.Create(directory);
        _path = Path.Combine(directory, $"{name}.log");
        Open();
    }

    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_gate)
            {
                return [.. _last];
            }
        }
    }

    public void Write(string line)
    {
        lock (_gate)
        {
            if (_last.Count == Remembered)
            {
                _last.Dequeue();
            }

            _last.Enqueue(line);
            if (_writer?.BaseStream.Length > LargestFile)
            {
                Open();
            }

            _writer?.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _writer?.Dispose();
            _writer = null;
        }
    }

    private void Open()
    {
        _writer?.Dispose();
        if (File.Exists(_path))
        {
            File.Move(_path, $"{_path}.1", overwrite: true);
        }

        var file = new FileStream(_path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, UnixCreateMode = OwnerOnly });
        _writer = new(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
    }
}
