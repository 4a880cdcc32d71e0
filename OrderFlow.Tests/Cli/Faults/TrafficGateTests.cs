using OrderFlow.Cli.Faults;

namespace OrderFlow.Tests.Cli.Faults;

public sealed class TrafficGateTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_closed_gate_holds_back_until_it_is_opened_and_says_so()
    {
        var gate = new TrafficGate();
        using (var first = await gate.EnterAsync(CancellationToken))
        {
            first.Waited.ShouldBeFalse();
        }

        await gate.CloseAsync();
        var second = gate.EnterAsync(CancellationToken);
        gate.IsClosed.ShouldBeTrue();
        second.IsCompleted.ShouldBeFalse();

        gate.Open();
        (await second).Waited.ShouldBeTrue();
    }

    [Fact]
    public async Task Closing_ends_when_the_last_passage_is_disposed()
    {
        var gate = new TrafficGate();
        var (first, second) = (await gate.EnterAsync(CancellationToken), await gate.EnterAsync(CancellationToken));

        var closed = gate.CloseAsync();
        first.Dispose();
        first.Dispose();
        closed.IsCompleted.ShouldBeFalse();
        second.Dispose();
        await closed.WaitAsync(CancellationToken);
    }

    [Fact]
    public async Task A_cancelled_wait_does_not_enter_later()
    {
        var gate = new TrafficGate();
        await gate.CloseAsync();
        using var stop = new CancellationTokenSource();
        var waiting = gate.EnterAsync(stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);

        gate.Open();
        await gate.CloseAsync().WaitAsync(CancellationToken);
    }
}
