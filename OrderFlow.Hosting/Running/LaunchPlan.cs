namespace OrderFlow.Hosting.Running;

/// <summary>Everything that is needed to start a process.</summary>
/// <param name="Program">Full path of the program.</param>
/// <param name="Arguments">Arguments without the program itself.</param>
/// <param name="WorkingDirectory">Where it runs.</param>
/// <param name="Variables">Environment variables on top of the AppHost's own.</param>
internal sealed record LaunchPlan(string Program, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Variables);
