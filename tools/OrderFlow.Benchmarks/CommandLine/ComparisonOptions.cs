using System.CommandLine;
using System.Globalization;
using OrderFlow.Benchmarks.Running;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The options that the comparisons have in common.</summary>
internal sealed class ComparisonOptions
{
    private readonly Option<int> _rounds = new("--rounds") { Description = "How often all take turns.", DefaultValueFactory = _ => 3 };
    private readonly Option<string> _only;
    private readonly Option<string> _rates;
    private readonly Option<int> _inFlight = new("--in-flight")
    {
        Description = "Orders between their request and their end while the maximum is measured.",
        DefaultValueFactory = _ => 2000,
    };

    private readonly Option<bool> _maximum = new("--max") { Description = "The maximum alone, without the rates." };

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "Short phases and, unless --rounds says otherwise, one round: to see that all works, not for numbers.",
    };

    /// <param name="names">What can take part.</param>
    /// <param name="rates">The rates by default.</param>
    public ComparisonOptions(IReadOnlyList<string> names, string rates)
    {
        _only = ListOption.Names("--only", names, "Which ones take part, and in which order.");
        _rates = ListOption.Numbers("--rates", rates, "Orders per second that are offered after the maximum.");
        _rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 20)
            {
                result.AddError("--rounds must be from 1 to 20.");
            }
        });
        _inFlight.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100_000)
            {
                result.AddError("--in-flight must be from 1 to 100000.");
            }
        });
    }

    public IEnumerable<Option> All => [_rounds, _only, _rates, _maximum, _inFlight, _quick];

    public IReadOnlyList<string> Names(ParseResult parsed) => ListOption.Split(parsed.GetValue(_only));

    public int Rounds(ParseResult parsed) =>
        parsed.GetValue(_quick) && parsed.GetResult(_rounds) is null or { Implicit: true } ? 1 : parsed.GetValue(_rounds);

    public Phases Phases(ParseResult parsed) => new(
        parsed.GetValue(_maximum)
            ? []
            : [.. ListOption.Split(parsed.GetValue(_rates)).Select(rate => int.Parse(rate, CultureInfo.InvariantCulture))],
        parsed.GetValue(_inFlight),
        parsed.GetValue(_quick));
}
