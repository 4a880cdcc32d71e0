namespace OrderFlow.Messaging.Routing;

/// <summary>What one handler's failures lead to.</summary>
/// <param name="Delays">The handler's own tiers; <see langword="null"/> for those of the service.</param>
/// <param name="Permanent">Exceptions that no retry can help.</param>
/// <param name="FailsFlow">Whether giving the event up gives its flow up.</param>
public sealed record RetryPolicy(IReadOnlyList<TimeSpan>? Delays, IReadOnlyCollection<Type> Permanent, bool FailsFlow = true)
{
    public static readonly RetryPolicy Default = new(null, []);

    public bool IsPermanent(Exception exception) =>
        exception is PermanentFailureException || Permanent.Any(type => type.IsInstanceOfType(exception));
}
