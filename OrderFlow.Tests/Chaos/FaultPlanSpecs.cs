using OrderFlow.AppHost;
using OrderFlow.Chaos.CauseFaults;

namespace OrderFlow.Tests.Chaos;

public sealed class FaultPlanSpecs
{
    private static readonly string[] Services = [ResourceNames.Gateway, ResourceNames.OrderService];
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);

    [Fact]
    public void The_same_seed_gives_the_same_faults_and_another_seed_others()
    {
        var plan = FaultPlan.Make(Services, 2, 30, Duration, seed: 5);

        FaultPlan.Make(Services, 2, 30, Duration, seed: 5).ShouldBe(plan);
        FaultPlan.Make(Services, 2, 30, Duration, seed: 6).ShouldNotBe(plan);
    }

    [Fact]
    public void Few_faults_are_still_of_every_kind()
    {
        var plan = FaultPlan.Make(Services, 2, 7, Duration, seed: 1);

        plan.Count.ShouldBe(7);
        plan.Where(fault => Services.Contains(fault.Resource)).Select(fault => fault.Kind).ShouldBe([FaultKind.Kill, FaultKind.Freeze, FaultKind.Restart], ignoreOrder: true);
        foreach (var infrastructure in (string[])[ResourceNames.Messaging, ResourceNames.Postgres])
        {
            plan.Where(fault => fault.Resource == infrastructure).Select(fault => fault.Kind).ShouldBe([FaultKind.Kill, FaultKind.Freeze], ignoreOrder: true);
        }
    }

    [Fact]
    public void Many_faults_hit_every_process_in_every_way_and_leave_time_for_the_end()
    {
        var plan = FaultPlan.Make(Services, 2, 40, Duration, seed: 1);

        plan.Count.ShouldBe(40);
        plan.Where(fault => Services.Contains(fault.Resource)).Select(fault => (fault.Kind, fault.Resource, fault.Replica)).Distinct().Count().ShouldBe(3 * 2 * 2);
        plan.ShouldAllBe(fault => fault.At > TimeSpan.Zero && fault.At <= Duration * 0.9);
        plan.Where(fault => fault.Kind == FaultKind.Freeze).ShouldAllBe(fault => fault.Hold >= TimeSpan.FromSeconds(0.5) && fault.Hold <= TimeSpan.FromSeconds(8));
    }
}
