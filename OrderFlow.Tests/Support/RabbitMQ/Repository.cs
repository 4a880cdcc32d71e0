namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>Finds files of the source tree from where the tests run.</summary>
internal static class Repository
{
    public static string File(string path)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "OrderFlow.sln")))
            {
                return Path.Combine(at.FullName, path);
            }
        }

        throw new InvalidOperationException(
            $"No OrderFlow.sln above {AppContext.BaseDirectory}: run the tests from their place in the source tree.");
    }
}
