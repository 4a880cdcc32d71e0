using OrderFlow.Messaging.Configuration;

namespace OrderFlow.Messaging.Routing;

/// <summary>How the failures of one handler are retried.</summary>
public sealed class RetryPolicyBuilder
{
    private readonly HashSet<Type> _permanent = [];
    private IReadOnlyList<TimeSpan>? _delays;
    private bool _failsFlow = true;

    internal RetryPolicyBuilder()
    {
    }

    /// <summary>Declares that no retry helps after this exception or one derived from it: the event is dead-lettered at once.</summary>
    public RetryPolicyBuilder PermanentOn<TException>()
        where TException : Exception
    {
        _permanent.Add(typeof(TException));
        return this;
    }

    /// <summary>
    /// The handler's own delayed retries instead of the service's <c>Messaging:RetryTiers</c>; none for no delayed retry.
    /// </summary>
    /// <param name="tiers">From 50 ms to 24 h, in whole milliseconds, at most 10.</param>
    public RetryPolicyBuilder After(params IReadOnlyList<TimeSpan> tiers)
    {
        ArgumentNullException.ThrowIfNull(tiers);
        if (tiers.Count > RetryDelays.Most)
        {
            throw new ArgumentException(
                $"{tiers.Count} delayed retries are too many; at most {RetryDelays.Most} are allowed.", nameof(tiers));
        }

        foreach (var tier in tiers)
        {
            if (!RetryDelays.IsValid(tier))
            {
                throw new ArgumentException($"{tier} is no delay of a retry: use whole milliseconds from 50 ms to 24 h.", nameof(tiers));
            }
        }

        _delays = [.. tiers];
        return this;
    }

    /// <summary>
    /// Declares that the event comes after its flow's end, as a refund does: when it is given up, the flow has ended all the same and is
    /// no failure.
    /// </summary>
    public RetryPolicyBuilder AfterTheEnd()
    {
        _failsFlow = false;
        return this;
    }

    internal RetryPolicy Build() => new(_delays, [.. _permanent], _failsFlow);
}
