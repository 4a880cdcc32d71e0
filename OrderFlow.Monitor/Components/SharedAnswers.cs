using Microsoft.Extensions.Caching.Memory;

namespace OrderFlow.Monitor.Components;

/// <summary>Answers that all viewers of a page share: however many look, the database is asked once a second.</summary>
internal sealed class SharedAnswers(IMemoryCache cache)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    /// <param name="question">What is asked, with everything that the answer depends on.</param>
    /// <param name="ask">Finds the answer. It is for everyone, so nobody who leaves may cancel it.</param>
    /// <param name="cancellationToken">Ends this viewer's wait.</param>
    public async Task<T> ReadAsync<T>(string question, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var answer = cache.GetOrCreate(question, entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Freshness;
            return new Lazy<Task<T>>(() => ask(CancellationToken.None));
        })!;
        return await answer.Value.WaitAsync(cancellationToken);
    }
}
