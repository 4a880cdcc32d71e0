using System.Text;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Tests.Messaging;

public sealed class TextCutTests
{
    private const string Emoji = "\U0001F600";

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc…")]
    [InlineData("ab" + Emoji, 4, "ab" + Emoji)]
    [InlineData("ab" + Emoji + "c", 4, "ab" + Emoji + "…")]
    [InlineData("ab" + Emoji + "c", 3, "ab…")]
    [InlineData(Emoji + Emoji, 1, "…")]
    [InlineData("abc", 0, "…")]
    public void Units_are_counted_and_no_pair_is_cut(string text, int longest, string expected) =>
        TextCut.ToUnits(text, longest, "…").ShouldBe(expected);

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcdefg", 6, "abc…")]
    [InlineData("äöü", 6, "äöü")]
    [InlineData("äöüä", 7, "äö…")]
    [InlineData("ab" + Emoji + Emoji, 9, "ab" + Emoji + "…")]
    [InlineData("ab" + Emoji + Emoji, 8, "ab…")]
    public void Bytes_are_counted_with_the_mark_and_no_character_is_cut(string text, int longest, string expected)
    {
        var cut = TextCut.ToBytes(text, longest, "…");

        cut.ShouldBe(expected);
        Encoding.UTF8.GetByteCount(cut).ShouldBeLessThanOrEqualTo(longest);
    }

    [Theory]
    [InlineData("a" + Emoji, 5, "a" + Emoji)]
    [InlineData("a" + Emoji + "b", 4, "a")]
    [InlineData("a" + Emoji + "b", 2, "a")]
    [InlineData("aä", 2, "a")]
    public void Bytes_are_read_to_the_last_whole_character(string text, int longest, string expected) =>
        TextCut.FromBytes(Encoding.UTF8.GetBytes(text), longest).ShouldBe(expected);

    [Fact]
    public void Bytes_that_are_no_text_are_read_all_the_same() =>
        TextCut.FromBytes([0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 5).ShouldAllBe(c => c == '\uFFFD');

    /// <remarks>Not as a theory: the halves of pairs do not survive in an attribute.</remarks>
    [Fact]
    public void What_can_be_stored_has_no_half_pairs_and_no_NUL()
    {
        const string Good = "as it is " + Emoji;
        TextCut.Storable(Good).ShouldBeSameAs(Good);
        TextCut.Storable("a\0b").ShouldBe("a\uFFFDb");
        TextCut.Storable("a\0b", nul: "").ShouldBe("ab");
        TextCut.Storable("\uD83D").ShouldBe("\uFFFD");
        TextCut.Storable("a\uDE00\0" + Emoji + "\uD83D", nul: " ").ShouldBe("a\uFFFD " + Emoji + "\uFFFD");
    }

    [Theory]
    [InlineData("abc", "a")]
    [InlineData(Emoji + "b", Emoji)]
    [InlineData("", "")]
    public void The_first_character_is_a_whole_one(string text, string expected) => TextCut.First(text).ToString().ShouldBe(expected);
}
