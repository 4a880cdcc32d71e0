namespace OrderFlow.Tests.Hosting;

public sealed class ParametersAreKept
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_generated_value_is_the_same_at_the_next_start_and_only_its_owner_can_read_it()
    {
        using var directory = new TemporaryDirectory();
        var setting = $"--OrderFlow:RunDirectory={directory.In("run")}";

        var first = await GenerateAsync(setting);
        var second = await GenerateAsync(setting);

        first.Length.ShouldBe(40);
        second.ShouldBe(first);
        File.GetUnixFileMode(directory.In("run", "parameters.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(directory.In("run")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task A_configured_value_goes_before_the_kept_one()
    {
        using var directory = new TemporaryDirectory();
        var setting = $"--OrderFlow:RunDirectory={directory.In("run")}";
        await GenerateAsync(setting);

        (await GenerateAsync(setting, "--Parameters:password=mine")).ShouldBe("mine");
    }

    [Fact]
    public async Task Two_that_start_at_the_same_moment_agree()
    {
        using var directory = new TemporaryDirectory();
        var setting = $"--OrderFlow:RunDirectory={directory.In("run")}";

        var values = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => GenerateAsync(setting), CancellationToken)));

        values.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void A_generated_value_has_what_was_asked_for_and_nothing_else()
    {
        var value = new GenerateParameterDefault { MinLength = 200, Special = false, Lower = false, MinUpper = 5, MinNumeric = 5 }.GetDefaultValue();

        value.Length.ShouldBe(200);
        value.ShouldAllBe(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));
        value.Count(char.IsAsciiDigit).ShouldBeGreaterThanOrEqualTo(5);
        value.Count(char.IsAsciiLetterUpper).ShouldBeGreaterThanOrEqualTo(5);
    }

    [Fact]
    public async Task A_file_that_is_broken_is_said_and_not_overwritten()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.In("run"));
        await File.WriteAllTextAsync(directory.In("run", "parameters.json"), "{broken", CancellationToken);

        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => GenerateAsync($"--OrderFlow:RunDirectory={directory.In("run")}"));

        failure.Message.ShouldStartWith($"The generated parameters in {directory.In("run", "parameters.json")} cannot be read: ");
        (await File.ReadAllTextAsync(directory.In("run", "parameters.json"), CancellationToken)).ShouldBe("{broken");
    }

    private static async Task<string> GenerateAsync(params string[] settings)
    {
        await using var app = new LocalApp(settings);
        var parameter = app.Builder.AddParameter("password", new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true);
        return (await parameter.Resource.GetValueAsync(CancellationToken))!;
    }
}
