using System.Text.RegularExpressions;
using OrderFlow.Tests.Messaging;

namespace OrderFlow.Tests.Hosting;

/// <summary>Built on the Aspire packages, the tests leave this folder out and bring the engine's namespaces by global usings.</summary>
public sealed partial class OnlyTheseTestsNameTheLocalEngine
{
    [Fact]
    public void Elsewhere_no_test_names_it_or_takes_something_from_here()
    {
        var root = Repository.File("OrderFlow.Tests");
        var files = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(file => file.Split(Path.DirectorySeparatorChar)[0] is not ("Hosting" or "bin" or "obj"))
            .ToList();

        files.Count.ShouldBeGreaterThan(100);
        files.Where(file => LocalEngine().IsMatch(File.ReadAllText(Path.Combine(root, file)))).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\bOrderFlow\.(Tests\.)?Hosting\b|\bnew Hosting\.", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LocalEngine();
}
