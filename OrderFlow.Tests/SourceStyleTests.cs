using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests;

/// <summary>What the compiler does not check of the source text, and .editorconfig cannot say.</summary>
public sealed class SourceStyleTests
{
    private const int MostColumns = 140;

    [Fact]
    public void No_line_of_the_sources_has_more_than_140_columns()
    {
        var sources = Sources().ToList();
        // Were the sources not found, no line could be too long.
        sources.Count.ShouldBeGreaterThan(500);

        sources.SelectMany(TooLong).ShouldBeEmpty();
    }

    private static IEnumerable<string> TooLong(string file) =>
        File.ReadLines(file).Index()
            .Where(line => line.Item.EnumerateRunes().Count() > MostColumns)
            .Select(line => $"{Path.GetRelativePath(Repository.File("."), file)}:{line.Index + 1}");

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Repository.File("."), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor")
            .Where(file =>
                !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
}
