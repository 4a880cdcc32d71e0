namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The checkout that this program was built in.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "OrderFlow.sln")))
            {
                return at.FullName;
            }
        }

        throw new ComparisonException(
            $"There is no OrderFlow.sln above {AppContext.BaseDirectory}: run this from the checkout that it was built in.");
    }
}
