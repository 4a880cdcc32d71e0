namespace OrderFlow.Messaging.Tapping;

/// <summary>What a tap listens to.</summary>
/// <param name="Name">Whose tap it is: its queue is called <c>{Name}.tap</c>.</param>
/// <param name="Exchanges">The topic exchanges that it gets everything of.</param>
internal sealed record TapDescription(string Name, IReadOnlyList<string> Exchanges)
{
    public string Queue => $"{Name}.tap";
}
