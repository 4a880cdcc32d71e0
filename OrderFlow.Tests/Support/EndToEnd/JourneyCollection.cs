namespace OrderFlow.Tests.Support.EndToEnd;

[CollectionDefinition(JourneyFixture.Collection)]
public sealed class JourneyCollection : ICollectionFixture<JourneyFixture>;
