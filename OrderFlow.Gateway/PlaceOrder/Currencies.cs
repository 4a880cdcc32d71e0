using System.Collections.Frozen;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// The active national currencies of ISO 4217 (funds, metals and test codes left out). A fixed list, because the currency is a
/// metric's label, and a label must not grow with what clients send.
/// </summary>
internal static class Currencies
{
    private static readonly FrozenSet<string> Codes = FrozenSet.ToFrozenSet(
        ("AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP "
        + "CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK "
        + "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
        + "MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        + "SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF "
        + "YER ZAR ZMW ZWG").Split(' '),
        StringComparer.Ordinal);

    /// <summary>In alphabetical order.</summary>
    public static IEnumerable<string> All => Codes.Order(StringComparer.Ordinal);

    public static bool Contains(string code) => Codes.Contains(code);
}
