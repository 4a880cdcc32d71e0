using OrderFlow.Messaging.Envelope;

namespace OrderFlow.NotificationService.Channels;

/// <summary>An e-mail address fit for a log: enough to recognise one's own, too little to write to.</summary>
internal static class MaskedEmail
{
    /// <summary><c>a***@e***</c> for <c>alice@example.org</c>; <c>no e-mail</c> for none.</summary>
    public static string Of(string address)
    {
        if (address.Length == 0)
        {
            return "no e-mail";
        }

        var at = address.LastIndexOf('@');
        return at < 1 || at == address.Length - 1 ? "***" : $"{TextCut.First(address)}***@{TextCut.First(address.AsSpan(at + 1))}***";
    }
}
