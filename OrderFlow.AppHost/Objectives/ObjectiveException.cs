namespace OrderFlow.AppHost.Objectives;

/// <summary>What is wrong in a file with objectives, and where.</summary>
public sealed class ObjectiveException(string file, long line, string problem)
    : DistributedApplicationException($"{file}:{line}: {problem}");
