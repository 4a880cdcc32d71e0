using OrderFlow.Tests.Support.Docs;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Docs;

/// <summary>Links between the pages, and from them into the code.</summary>
public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. MarkdownPage.AllPaths()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Relative_links_and_anchors_lead_somewhere(string path)
    {
        var page = new MarkdownPage(path);

        page.RelativeLinks().Where(link => !Exists(page, link)).ShouldBeEmpty();
    }

    private static bool Exists(MarkdownPage page, string link)
    {
        var (file, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, null);
        var path = file.Length == 0 ? page.Path : Path.Combine(Path.GetDirectoryName(page.Path)!, file);
        var full = Path.GetFullPath(Repository.File(path));
        return anchor is null
            ? File.Exists(full) || Directory.Exists(full)
            : File.Exists(full) && new MarkdownPage(path).Anchors().Contains(anchor);
    }
}
