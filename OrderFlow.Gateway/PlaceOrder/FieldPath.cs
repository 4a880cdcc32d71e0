namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Where in the order a field stands. Turned into text only for an error, so that a good order pays nothing for it.</summary>
internal readonly record struct FieldPath(string? Name, int Item = -1)
{
    public override string ToString() => (Item, Name) switch
    {
        ( < 0, _) => Name ?? "",
        (_, null) => $"items[{Item}]",
        _ => $"items[{Item}].{Name}",
    };

    public static implicit operator FieldPath(string name) => new(name);
}
