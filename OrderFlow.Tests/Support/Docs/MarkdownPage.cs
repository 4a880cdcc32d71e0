using System.Text;
using System.Text.RegularExpressions;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Support.Docs;

/// <summary>A Markdown file of the repository: its links, the anchors of its headings, and its code blocks.</summary>
internal sealed partial class MarkdownPage
{
    private const RegexOptions Blocks = RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture;

    private readonly string _text;
    private readonly string _prose;

    /// <param name="path">From the root of the repository.</param>
    public MarkdownPage(string path)
    {
        Path = path;
        _text = File.ReadAllText(Repository.File(path));
        _prose = Fence().Replace(_text, "");
    }

    public string Path { get; }

    /// <summary>Every page that a reader of the repository is led to.</summary>
    public static IEnumerable<string> AllPaths()
    {
        var docs = Repository.File("docs");
        var root = System.IO.Path.GetDirectoryName(docs)!;
        return Directory.EnumerateFiles(root, "*.md")
            .Concat(Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories))
            .Select(file => System.IO.Path.GetRelativePath(root, file))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>What links and images lead to, as it is written, other sites left out.</summary>
    public IEnumerable<string> RelativeLinks() => Link().Matches(InlineCode().Replace(_prose, ""))
        .Select(match => match.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>The anchors that GitHub gives the headings.</summary>
    public IReadOnlySet<string> Anchors()
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(_prose))
        {
            var anchor = AnchorOf(heading.Groups["text"].Value);
            var again = 0;
            for (var unique = anchor; !anchors.Add(unique); unique = $"{anchor}-{again}")
            {
                again++;
            }
        }

        return anchors;
    }

    /// <summary>The blocks that belong to a file, in their order: above such a block is a line with nothing but the file's path.</summary>
    public IReadOnlyList<FileBlock> FileBlocks() =>
    [
        .. Block().Matches(_text).Select(match => match.Groups).Select(groups =>
            new FileBlock(groups["file"].Value, groups["language"].Value == "diff", groups["content"].Value)),
    ];

    private static string AnchorOf(string heading)
    {
        var anchor = new StringBuilder();
        foreach (var character in LinkText().Replace(heading, "${text}").Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(character) || character is '-' or '_')
            {
                anchor.Append(character);
            }
            else if (character == ' ')
            {
                anchor.Append('-');
            }
        }

        return anchor.ToString();
    }

    [GeneratedRegex("^(?<fence>```+)[^\n]*\n.*?^\\k<fence>[ \t]*$", Blocks, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]+`", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LinkText();

    [GeneratedRegex("^#{1,6} (?<text>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Heading();

    [GeneratedRegex("^`(?<file>[^`\n ]+)`\n\n```(?<language>\\w+)\n(?<content>.*?)^```$", Blocks, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Block();
}
