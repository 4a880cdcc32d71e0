using System.Text;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Running;

/// <summary>
/// A resource's output in <c>logs/{name}.log</c>; the file of the start before, or what was before 64 MiB, is kept as <c>.log.1</c>.
/// </summary>
internal sealed class ResourceLogFile : IDisposable
{
    private const long LargestFile = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly string _path;
    private StreamWriter _writer;

    public ResourceLogFile(string directory, string name)
    {
        OwnerOnly.CreateDirectory(directory);
        _path = Path.Combine(directory, $"{name}.log");
        _writer = Open();
    }

    public void Write(IEnumerable<string> lines)
    {
        lock (_gate)
        {
            foreach (var line in lines)
            {
                _writer.Write(line);
                _writer.Write('\n');
            }

            _writer.Flush();
            if (_writer.BaseStream.Length > LargestFile)
            {
                _writer.Dispose();
                _writer = Open();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _writer.Dispose();
        }
    }

    private StreamWriter Open()
    {
        if (File.Exists(_path))
        {
            File.Move(_path, $"{_path}.1", overwrite: true);
        }

        return new(OwnerOnly.Create(_path, FileMode.Create), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }
}
