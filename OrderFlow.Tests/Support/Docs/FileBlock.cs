using System.Text.RegularExpressions;

namespace OrderFlow.Tests.Support.Docs;

/// <summary>A code block of a page, for a file.</summary>
/// <param name="File">The file's path from the root of the repository.</param>
/// <param name="IsChange">Whether it changes lines of a file that exists; otherwise it is the whole file.</param>
/// <param name="Content">As the page shows it.</param>
internal sealed partial record FileBlock(string File, bool IsChange, string Content)
{
    /// <summary>Lines of code to write: neither blank ones nor <c>using</c> directives, and of a change only what it adds.</summary>
    public int LinesOfCode => Content.Split('\n')
        .Where(line => !IsChange || line.StartsWith('+'))
        .Select(line => line.TrimStart('+').Trim())
        .Count(line => line.Length > 0 && !UsingDirective().IsMatch(line));

    /// <summary>Makes the change in a text, as <c>patch</c> does. Its parts are separated by <c>@@</c>; each must be found once.</summary>
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

    [GeneratedRegex(@"^using [\w.]+;$", RegexOptions.NonBacktracking)]
    private static partial Regex UsingDirective();
}
