namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>What a tap listens to.</summary>
/// <param name="Name">Whose tap it is: its queue is called <c>{Name}.tap</c>.</param>
/// <param name="Exchanges">The topic exchanges that it gets everything of.</param>
/// <param name="Formerly">Those that it got everything of in an earlier version.</param>
internal sealed record TapDescription(string Name, IReadOnlyList<string> Exchanges, IReadOnlyList<string> Formerly)
{
    public string Queue => $"{Name}.tap";
}
