using System.Globalization;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>The load's own side of <see cref="LoadProcess"/>: lines on standard input and output.</summary>
public static class LoadProtocol
{
    /// <summary>The argument that makes the program a load.</summary>
    public const string Verb = "load";

    internal const string Ready = "ready";
    internal const string Begin = "begin";
    internal const string Ended = "ended";
    internal const string Stop = "stop";

    /// <summary>Offers what the arguments say once it is asked to, and ends when its input does.</summary>
    /// <param name="numbers">Port, seconds, rate, connections, most orders in flight, seconds until they are.</param>
    public static async Task RunAsync(IReadOnlyList<string> numbers)
    {
        double[] all = [.. numbers.Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        using var run = new LoadRun(
            new(Port: (int)all[0], Seconds: all[1], Rate: (int)all[2], Connections: (int)all[3], InFlight: (int)all[4], Ramp: all[5]));
        Console.WriteLine(Ready);
        if (await Console.In.ReadLineAsync() != Begin)
        {
            return;
        }

        var following = Task.Run(() => Follow(run));
        Console.WriteLine((await run.RunAsync()).Write());
        await following;
    }

    private static void Follow(LoadRun run)
    {
        while (Console.ReadLine() is { } line)
        {
            if (line == Stop)
            {
                run.Stop();
            }
            else
            {
                run.Ended(int.Parse(line.AsSpan(Ended.Length + 1), CultureInfo.InvariantCulture));
            }
        }
    }
}
