using System.Runtime.CompilerServices;
using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Tests.Messaging;

public sealed class StackHashTests
{
    [Fact]
    public async Task It_is_the_same_whether_a_method_was_inlined_or_not_and_whether_it_was_awaited_or_not()
    {
        var hash = await HashOfAsync(() => FailAsync("order 1", later: false, inItself: true));

        hash.ShouldMatch("^[0-9a-f]{16}$");
        (await HashOfAsync(() => FailAsync("order 2", later: true, inItself: true))).ShouldBe(hash);
        (await HashOfAsync(() => FailAsync("order 3", later: false, inItself: false))).ShouldBe(hash);
    }

    [Fact]
    public async Task Another_way_or_another_exception_is_another_hash()
    {
        string[] hashes =
        [
            await HashOfAsync(() => FailAsync("order 1", later: false, inItself: true)),
            await HashOfAsync(() => FailElsewhereAsync("order 1")),
            await HashOfAsync(() => Task.FromException(new InvalidOperationException("order 1"))),
            StackHash.Of(Record.Exception(() => Fail("order 1"))!),
            StackHash.Of(new TimeoutException("order 1", new InvalidOperationException())),
        ];

        hashes.Distinct(StringComparer.Ordinal).Count().ShouldBe(hashes.Length);
    }

    private static async Task<string> HashOfAsync(Func<Task> fail) => StackHash.Of((await Record.ExceptionAsync(fail))!);

    private static async Task FailAsync(string message, bool later, bool inItself)
    {
        if (later)
        {
            await Task.Yield();
        }

        if (!inItself)
        {
            Fail(message);
        }

        throw new TimeoutException(message);
    }

    private static async Task FailElsewhereAsync(string message)
    {
        await Task.Yield();
        throw new TimeoutException(message);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(string message) => throw new TimeoutException(message);
}
