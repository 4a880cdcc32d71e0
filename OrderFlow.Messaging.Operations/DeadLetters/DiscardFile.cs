using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>The file of what was discarded: one JSON document a line. One discard at a time writes to it.</summary>
internal sealed class DiscardFile : IDisposable
{
    // The file is read by people and by jq, never by a browser.
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly FileStream _stream;

    private DiscardFile(FileStream stream) => _stream = stream;

    /// <summary>Opens the file to append to it.</summary>
    /// <exception cref="IOException">It cannot be written, or another discard does so.</exception>
    public static DiscardFile Open(string path)
    {
        var full = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            // What customers ordered is in there.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var opened = new FileStream(full, options);
        if (opened.Length > 0)
        {
            // A discard that was killed may have left half a line; the next one gets a line of its own.
            opened.Seek(-1, SeekOrigin.End);
            if (opened.ReadByte() != '\n')
            {
                opened.WriteByte((byte)'\n');
            }
        }

        FlushDirectory(directory);
        return new DiscardFile(opened);
    }

    /// <summary>Writes the lines and returns when they are on the disk.</summary>
    public void Write(IEnumerable<(BasicDeliverEventArgs Message, DiscardedLetter Letter)> batch)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var (message, letter) in batch)
        {
            using (var json = new Utf8JsonWriter(lines, Format))
            {
                DiscardLine.Write(json, message, letter);
            }

            lines.Write("\n"u8);
        }

        _stream.Write(lines.WrittenSpan);
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();

    // A new file survives a power failure only when its directory's entry is on the disk, too.
    private static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = new SafeFileHandle(NativeMethods.Open(directory, 0), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            _ = NativeMethods.Fsync(handle);
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "open")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern nint Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Fsync(SafeFileHandle file);
    }
}
