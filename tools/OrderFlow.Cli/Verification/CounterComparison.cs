using OrderFlow.Cli.Observation;

namespace OrderFlow.Cli.Verification;

/// <summary>Asks Prometheus until the counters agree with the databases, for as long as a few scrapes take.</summary>
internal sealed class CounterComparison(PrometheusQueries prometheus, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Five targets' discoveries, or ten scrapes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<CounterCheck>> CompareAsync(ObservedState observed, CancellationToken cancellationToken)
    {
        var expected = CounterExpectation.Of(observed);
        var start = time.GetTimestamp();
        while (true)
        {
            List<CounterCheck> checks = [];
            foreach (var expectation in expected)
            {
                checks.AddRange(expectation.Compare(await prometheus.AskAsync(expectation.Query, expectation.Labels, cancellationToken)));
            }

            if (checks.TrueForAll(check => check.Agrees) || time.GetElapsedTime(start) > Patience)
            {
                return checks;
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    /// <summary>
    /// What the processes counted themselves beside what is committed: the difference is what went with killed processes.
    /// </summary>
    public async Task<IReadOnlyList<CounterCheck>> InProcessAsync(
        ObservedState observed, TimeSpan during, CancellationToken cancellationToken)
    {
        List<CounterCheck> checks = [];
        foreach (var effects in CounterExpectation.Of(observed).Where(expectation => expectation.Metric == "events_effects_total"))
        {
            foreach (var (type, expected) in effects.Values)
            {
                var selector = $"events_handled_total{{job=\"{effects.Job}\",event_type=\"{type}\",status=\"success\"}}";
                checks.Add(
                    new CounterCheck(
                        $"events_handled_total{{event_type=\"{type}\"}}",
                        expected,
                        await prometheus.GrowthAsync(selector, during, cancellationToken)));
            }
        }

        return checks;
    }
}
