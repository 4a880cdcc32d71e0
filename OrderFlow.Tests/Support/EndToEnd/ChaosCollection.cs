namespace OrderFlow.Tests.Support.EndToEnd;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosCollection
{
    public const string Name = "alone on the machine";
}
