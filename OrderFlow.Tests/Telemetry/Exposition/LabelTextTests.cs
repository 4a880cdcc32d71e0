using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed class LabelTextTests
{
    private static readonly string[] List = ["a", "b\""];

    [Fact]
    public void Labels_are_sorted_and_their_values_escaped() =>
        LabelText.Render([new("b", "back\\slash"), new("a", "say \"hi\"\nthere"), new("ü.x", "1"), new("c", "größe €")])
            .ShouldBe("""a="say \"hi\"\nthere",b="back\\slash",c="größe €",x="1" """.TrimEnd());

    [Fact]
    public void Every_kind_of_value_has_a_text() =>
        LabelText.Render(
            [new("flag", true), new("list", List), new("long", 5L), new("none", null), new("real", 0.1), new("when", 1e21)])
            .ShouldBe("""flag="true",list="[\"a\",\"b\\\"\"]",long="5",real="0.1",when="1E+21" """.TrimEnd());

    [Fact]
    public void Tags_whose_names_collide_share_the_label() =>
        LabelText.Render([new("http/route", "second"), new("http.route", "first")]).ShouldBe("http_route=\"first;second\"");

    [Fact]
    public void Names_that_belong_to_the_formats_are_changed() =>
        LabelText.Render([new("le", "1"), new("quantile", "2"), new("__name__", "3"), new("9lives", "4")])
            .ShouldBe("_9lives=\"4\",exported_le=\"1\",exported_quantile=\"2\",name=\"3\"");

    [Fact]
    public void An_empty_value_is_no_label() =>
        LabelText.Render([new("a", ""), new("b", null)]).ShouldBe("");
}
