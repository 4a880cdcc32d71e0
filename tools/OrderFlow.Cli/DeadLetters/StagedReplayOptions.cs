using System.CommandLine;
using System.Globalization;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>The options of a staged replay, which sends dead letters back in steps.</summary>
internal sealed class StagedReplayOptions
{
    private const string Name = "--ramp";

    private readonly Option<bool> _isStaged = new(Name)
    {
        Description = "Sends them back in steps, and each step only when the one before was handled; stops when events fail again, "
            + "also when they go to a delayed retry.",
    };

    private readonly Option<int[]?> _steps = new("--steps")
    {
        Description = "The sizes of the steps of --ramp; the rest follows as the last. Default: "
            + $"{string.Join(',', StagedReplayRequest.DefaultSteps)}.",
        HelpName = "n,n,…",
        CustomParser = result =>
        {
            var parts = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).ToList();
            var sizes = parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0)
                .ToArray();
            if (sizes.Contains(0))
            {
                result.AddError(
                    $"--steps takes whole numbers from 1, separated by commas, such as 1,5,50; it is {string.Join(',', parts)}.");
            }

            return sizes;
        },
    };

    private readonly Option<double> _allowed = new("--allowed-failures")
    {
        Description = "The share of a step's events that may fail before --ramp stops, from 0 to 1. Default: 0.",
        HelpName = "share",
    };
    private readonly Option<double?> _timeout = new("--outcome-timeout")
    {
        Description = "How many seconds events that were sent may have no outcome before --ramp stops. Default: 60.",
        HelpName = "seconds",
    };

    public StagedReplayOptions(Command command)
    {
        foreach (var option in new Option[] { _isStaged, _steps, _allowed, _timeout })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (!result.GetValue(_isStaged)
                && new Option[] { _steps, _allowed, _timeout }.FirstOrDefault(
                    option => result.GetResult(option) is { Implicit: false }) is { } alone)
            {
                result.AddError($"{alone.Name} goes with {Name} only; add {Name}.");
            }
        });
        _allowed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1) and var given)
            {
                result.AddError($"--allowed-failures must be from 0 to 1; it is {given}.");
            }
        });
        _timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } given && !(given is > 0 and <= 86_400))
            {
                result.AddError($"--outcome-timeout must be above 0 and at most 86400; it is {given}.");
            }
        });
    }

    /// <returns><see langword="null"/> when all are to be sent at once.</returns>
    public StagedReplayRequest? RequestOf(ParseResult parsed, ReplaySelection selection)
    {
        if (!parsed.GetValue(_isStaged))
        {
            return null;
        }

        var request = new StagedReplayRequest(selection) { AllowedFailures = parsed.GetValue(_allowed) };
        return request with
        {
            Steps = parsed.GetValue(_steps) is { Length: > 0 } sizes ? sizes : request.Steps,
            OutcomeTimeout = parsed.GetValue(_timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : request.OutcomeTimeout,
        };
    }
}
