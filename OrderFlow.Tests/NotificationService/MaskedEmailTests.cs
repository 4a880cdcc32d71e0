using OrderFlow.NotificationService.Channels;

namespace OrderFlow.Tests.NotificationService;

public sealed class MaskedEmailTests
{
    [Theory]
    [InlineData("alice@example.org", "a***@e***")]
    [InlineData("a@b", "a***@b***")]
    [InlineData("no-address", "***")]
    [InlineData("@b", "***")]
    [InlineData("a@", "***")]
    [InlineData("", "no e-mail")]
    [InlineData("\U0001F600x@\U0001F4E7y", "\U0001F600***@\U0001F4E7***")]
    public void Masked_email_address_cannot_be_written_to(string address, string masked) => MaskedEmail.Of(address).ShouldBe(masked);
}
