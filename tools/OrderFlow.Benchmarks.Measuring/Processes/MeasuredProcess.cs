namespace OrderFlow.Benchmarks.Measuring.Processes;

/// <summary>A process whose use of the machine is measured.</summary>
/// <param name="Id">Its process id.</param>
/// <param name="Name">What it is called in the table, such as <c>gateway</c>.</param>
/// <param name="Group">One of <see cref="ProcessGroups"/>.</param>
public sealed record MeasuredProcess(int Id, string Name, string Group)
{
    /// <summary>Says from its command line what a process is.</summary>
    /// <returns><see langword="null"/> for one that is not measured, such as a shell that waits.</returns>
    public static MeasuredProcess? Of(int id, IReadOnlyList<string> commandLine)
    {
        if (commandLine.Count == 0)
        {
            return null;
        }

        var program = Path.GetFileName(commandLine[0]);
        if (program == "dotnet" && commandLine.Count > 1)
        {
            program = Path.GetFileNameWithoutExtension(commandLine[1]);
        }

        return program switch
        {
            "OrderFlow.Gateway" => new(id, "gateway", ProcessGroups.Services),
            "OrderFlow.OrderService" => new(id, "order-service", ProcessGroups.Services),
            "OrderFlow.PaymentService" => new(id, "payment-service", ProcessGroups.Services),
            "OrderFlow.NotificationService" => new(id, "notification-service", ProcessGroups.Services),
            "OrderFlow.Benchmarks.Services" when commandLine.Count > 2 => new(id, commandLine[2], ProcessGroups.Services),
            "OrderFlow.Monitor" => new(id, "monitor", ProcessGroups.Monitor),
            "OrderFlow.AppHost" => new(id, "apphost", ProcessGroups.Host),
            "Aspire.Dashboard" => new(id, "dashboard", ProcessGroups.Host),
            "dcp" or "dcpctrl" or "dcpproc" => new(id, program, ProcessGroups.Host),
            "prometheus" => new(id, "prometheus", ProcessGroups.Host),
            "beam.smp" => new(id, "broker", ProcessGroups.Broker),
            "epmd" or "erl_child_setup" or "inet_gethost" => new(id, program, ProcessGroups.Broker),
            // A session calls itself something else; its time counts with the server's.
            "postgres" when commandLine.Contains("-D") => new(id, "postgres", ProcessGroups.Postgres),
            "OrderFlow.Benchmarks" when commandLine.Contains("load") => new(id, "load", ProcessGroups.Load),
            _ => null,
        };
    }
}
