using System.Reflection;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using PublicApiGenerator;

namespace OrderFlow.Tests;

/// <summary>
/// What other projects can call is written down in OrderFlow.Tests/Approved, so that a change of it is seen in review. To accept a change,
/// run the tests of this class with <c>ORDERFLOW_APPROVE=1</c> and commit the files.
/// </summary>
public sealed class PublicApiTests
{
    private const string Approve = "ORDERFLOW_APPROVE";

    public static TheoryData<Type> Libraries => [typeof(MessagingSetup), typeof(DurabilitySetup), typeof(TapSetup)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task The_public_surface_of_a_library_is_the_approved_one(Type library)
    {
        var assembly = library.Assembly;
        var surface = assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n")
            .TrimEnd()
            + "\n";
        var path = Repository.File($"OrderFlow.Tests/Approved/{NameOf(assembly)}.txt");
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            await File.WriteAllTextAsync(path, surface, TestContext.Current.CancellationToken);
        }

        var approved = File.Exists(path) ? await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) : "";
        surface.ShouldBe(
            approved,
            $"The public surface of {NameOf(assembly)} has changed. If that is meant, run this class with {Approve}=1 and commit {path}");
    }

    private static string NameOf(Assembly assembly) => assembly.GetName().Name!;
}
