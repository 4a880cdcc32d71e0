namespace OrderFlow.AppHost.Configuration;

/// <summary>Files and directories that only the user who runs the system may read.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Directory = File | UnixFileMode.UserExecute;

    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            System.IO.Directory.CreateDirectory(path);
        }
        else
        {
            System.IO.Directory.CreateDirectory(path, Directory);
        }
    }

    /// <summary>Replaces the file: whoever reads it sees the old content or the new one, never a part.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var unfinished = $"{path}.new";
        System.IO.File.Delete(unfinished);
        using (var stream = Create(unfinished, FileMode.CreateNew))
        {
            stream.Write(content);
        }

        System.IO.File.Move(unfinished, path, overwrite: true);
    }

    public static FileStream Create(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File;
        }

        return new(path, options);
    }
}
