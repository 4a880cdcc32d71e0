using OrderFlow.AppHost;
using OrderFlow.Cli.Faults;

namespace OrderFlow.Tests.Cli.Faults;

public sealed class FaultPlanTests
{
    private static readonly string[] Services = [ResourceNames.Gateway, ResourceNames.OrderService, ResourceNames.PaymentService];
    private static readonly string[] Consumers = [ResourceNames.OrderService, ResourceNames.PaymentService];
    private static readonly FaultKind[] Rare = [FaultKind.LongFreeze, FaultKind.DeliveryLimit, FaultKind.QueueDeletion, FaultKind.Wipe];
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(10);

    [Fact]
    public void The_same_seed_gives_the_same_faults_and_another_seed_others()
    {
        var plan = Make(30, seed: 5);

        Make(30, seed: 5).ShouldBe(plan);
        Make(30, seed: 6).ShouldNotBe(plan);
    }

    [Fact]
    public void Few_faults_are_still_of_every_kind()
    {
        var plan = Make(11);

        plan.Count.ShouldBe(11);
        plan.Where(fault => Rare.Contains(fault.Kind)).Select(fault => fault.Kind).ShouldBe(Rare, ignoreOrder: true);
        var common = plan.Where(fault => !Rare.Contains(fault.Kind)).ToArray();
        common.Where(fault => Services.Contains(fault.Resource))
            .Select(fault => fault.Kind)
            .ShouldBe([FaultKind.Kill, FaultKind.Freeze, FaultKind.Restart], ignoreOrder: true);
        foreach (var infrastructure in (string[])[ResourceNames.Messaging, ResourceNames.Postgres])
        {
            common.Where(fault => fault.Resource == infrastructure)
                .Select(fault => fault.Kind)
                .ShouldBe([FaultKind.Kill, FaultKind.Freeze], ignoreOrder: true);
        }
    }

    [Fact]
    public void Many_faults_hit_every_process_in_every_way_and_leave_time_for_the_end()
    {
        var plan = Make(100);

        plan.Count.ShouldBe(100);
        plan.Where(fault => Services.Contains(fault.Resource) && !Rare.Contains(fault.Kind))
            .Select(fault => (fault.Kind, fault.Resource, fault.Replica))
            .Distinct()
            .Count()
            .ShouldBe(3 * 3 * 2);
        plan.ShouldAllBe(fault => fault.At > TimeSpan.Zero && fault.At <= Duration * 0.9);
        plan.Where(fault => fault.Kind == FaultKind.Freeze)
            .ShouldAllBe(fault => fault.Hold >= TimeSpan.FromSeconds(0.5) && fault.Hold <= TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void A_hundred_faults_have_two_of_each_rare_kind()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var plan = Make(100, seed);

            plan.CountBy(fault => fault.Kind).Where(kind => Rare.Contains(kind.Key)).ShouldAllBe(kind => kind.Value == 2);
            plan.Select(fault => fault.Kind).Distinct().ShouldBe(FaultKinds.All, ignoreOrder: true);
            plan.Where(fault => fault.Kind == FaultKind.QueueDeletion)
                .Select(fault => fault.Resource)
                .ShouldBe(Consumers, ignoreOrder: true);
            plan.Where(fault => fault.Kind == FaultKind.DeliveryLimit)
                .Select(fault => fault.DeliveryLimit)
                .ShouldBe([2, 3], ignoreOrder: true);
            plan.Where(fault => fault.Kind == FaultKind.LongFreeze).ShouldAllBe(fault => fault.Hold == TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void No_fault_comes_within_half_a_minute_of_one_that_needs_the_broker_empty()
    {
        var plan = Make(100);

        for (var n = 0; n < plan.Count - 1; n++)
        {
            if (plan[n].Kind is FaultKind.QueueDeletion or FaultKind.Wipe)
            {
                (plan[n + 1].At - plan[n].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
            }
        }
    }

    [Fact]
    public void Only_the_selected_kinds_are_planned()
    {
        Make(4, kinds: [FaultKind.Wipe]).Select(fault => fault.Kind).ShouldBe(Enumerable.Repeat(FaultKind.Wipe, 4));
        Make(9, kinds: [FaultKind.Kill, FaultKind.QueueDeletion]).CountBy(fault => fault.Kind)
            .ToDictionary(kind => kind.Key, kind => kind.Value)
            .ShouldBe(new Dictionary<FaultKind, int> { [FaultKind.Kill] = 8, [FaultKind.QueueDeletion] = 1 }, ignoreOrder: true);
        Make(0).ShouldBeEmpty();
    }

    private static IReadOnlyList<Fault> Make(int count, int seed = 1, IReadOnlyCollection<FaultKind>? kinds = null) =>
        FaultPlan.Make(Services, Consumers, 2, count, kinds ?? FaultKinds.All, Duration, seed);
}
