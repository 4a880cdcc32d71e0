namespace OrderFlow.Tests.Support.Docs;

/// <summary>A code block of a page, for a file.</summary>
/// <param name="File">The file's path from the root of the repository.</param>
/// <param name="IsChange">Whether it changes lines of a file that exists; otherwise it is the whole file.</param>
/// <param name="Content">As the page shows it.</param>
internal sealed record FileBlock(string File, bool IsChange, string Content)
{
    /// <summary>Lines of code that a reader has to write: neither blank ones nor <c>using</c> directives, and of a change only what it adds.</summary>
    public int LinesOfCode => Lines.Count(line =>
        (!IsChange || line.StartsWith('+')) && line.TrimStart('+').Trim() is { Length: > 0 } code && !(code.StartsWith("using ", StringComparison.Ordinal) && !code.Contains('=', StringComparison.Ordinal)));

    private string[] Lines => Content.TrimEnd('\n').Split('\n');

    /// <summary>Makes the change in a text, as <c>patch</c> does. Every part of it, parted by <c>@@</c>, must be found there once.</summary>
    public string ApplyTo(string text)
    {
        foreach (var part in Content.Split("@@\n"))
        {
            var lines = part.TrimEnd('\n').Split('\n');
            var before = Join(lines.Where(line => !line.StartsWith('+')));
            if (text.Split(before).Length != 2)
            {
                throw new InvalidOperationException($"{File} does not hold these lines, or holds them more than once:\n{before}");
            }

            text = text.Replace(before, Join(lines.Where(line => !line.StartsWith('-'))), StringComparison.Ordinal);
        }

        return text;

        static string Join(IEnumerable<string> lines) => string.Concat(lines.Select(line => line.Length == 0 ? "\n" : $"{line[1..]}\n"));
    }
}
