using System.Buffers;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>A plausible e-mail address: the WHATWG HTML definition of a valid one, and no longer than RFC 5321 lets it be.</summary>
internal static class EmailAddress
{
    public const int MaxLength = 254;

    private const string LettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly SearchValues<char> LocalPart = SearchValues.Create(LettersAndDigits + ".!#$%&'*+/=?^_`{|}~-");
    private static readonly SearchValues<char> Label = SearchValues.Create(LettersAndDigits + "-");

    public static bool IsPlausible(ReadOnlySpan<char> address)
    {
        var at = address.IndexOf('@');
        if (at < 1 || address.Length > MaxLength || address[..at].ContainsAnyExcept(LocalPart))
        {
            return false;
        }

        var domain = address[(at + 1)..];
        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.Length is < 1 or > 63 || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(Label))
            {
                return false;
            }
        }

        return true;
    }
}
