using System.Reflection;
using OrderFlow.Contracts;

namespace OrderFlow.Tests.Contracts;

public sealed class EventTypesTests
{
    [Fact]
    public void EventTypes_names_every_wire_type_of_the_catalog_by_its_message()
    {
        var constants = typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(field => field.Name, field => (string)field.GetRawConstantValue()!, StringComparer.Ordinal);

        constants.ShouldBe(
            EventCatalog.WireTypes.ToDictionary(type => type.Value.Name, type => type.Key, StringComparer.Ordinal), ignoreOrder: true);
    }
}
