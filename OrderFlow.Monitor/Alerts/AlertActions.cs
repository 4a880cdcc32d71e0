namespace OrderFlow.Monitor.Alerts;

/// <summary>That somebody takes an alert on.</summary>
/// <param name="By">Who.</param>
internal sealed record Acknowledgement(string? By)
{
    private const int LongestName = 100;

    /// <summary>What is wrong with a name; <see langword="null"/> when it is one.</summary>
    public static string? ProblemOf(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "It must say who."
        : name.Length > LongestName ? $"It must have at most {LongestName} characters."
        : null;
}

/// <summary>That nobody is to be told of an alert for a while.</summary>
/// <param name="By">Who wants it.</param>
/// <param name="Comment">Why.</param>
/// <param name="Minutes">For how long, from now on.</param>
internal sealed record SilenceRequest(string? By, string? Comment, double? Minutes)
{
    private const int LongestComment = 500;
    private const double MostMinutes = 30 * 24 * 60;

    /// <summary>Names each field that is wrong.</summary>
    public Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (Acknowledgement.ProblemOf(By) is { } name)
        {
            problems["by"] = [name];
        }

        if (string.IsNullOrWhiteSpace(Comment) || Comment.Length > LongestComment)
        {
            problems["comment"] = [$"It must say why, in at most {LongestComment} characters."];
        }

        if (Minutes is not (>= 1 and <= MostMinutes))
        {
            problems["minutes"] = [$"It must be a number from 1 to {MostMinutes} (30 days)."];
        }

        return problems;
    }
}
