using OrderFlow.Monitor.Anomalies;

namespace OrderFlow.Tests.Monitor.Anomalies;

/// <summary>Each kind of detector over series of which it is known what is to be said: a value a minute, judged every minute.</summary>
public sealed class DetectorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly DetectorOptions Statistical = new() { Kind = DetectorKind.Statistical, For = 2 };
    private static readonly DetectorOptions Trend = new()
    {
        Kind = DetectorKind.Trend, Direction = Direction.Up, Limit = 0.5, Window = TimeSpan.FromHours(2), LeastValues = 60,
    };

    [Fact]
    public void A_step_is_told_within_two_minutes_and_until_it_is_usual()
    {
        var told = AnomaliesOf(Statistical, minute => Steady(minute) * (minute >= 120 ? 2 : 1), minutes: 240);

        told.ShouldNotBeEmpty();
        told[0].ShouldBeInRange(120, 122);
        told[^1].ShouldBeInRange(140, 160);
    }

    [Fact]
    public void A_step_down_is_none_for_who_looks_upwards()
    {
        static double Falls(int minute) => Steady(minute) * (minute >= 120 ? 0.2 : 1);

        AnomaliesOf(Statistical, Falls, minutes: 180).ShouldNotBeEmpty();
        AnomaliesOf(With(Statistical, Direction.Up), Falls, minutes: 180).ShouldBeEmpty();
        AnomaliesOf(With(Statistical, Direction.Down), Falls, minutes: 180).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_spike_of_one_minute_is_told_by_who_wants_no_second(int values, bool isTold)
    {
        var told = AnomaliesOf(
            With(Statistical, values), minute => Steady(minute) * (minute == 120 ? 5 : 1), minutes: 180);

        told.ShouldBe(isTold ? [120] : []);
    }

    [Fact]
    public void A_slow_drift_is_no_step_and_a_trend()
    {
        static double Drifts(int minute) => Steady(minute) * (1 + Math.Max(0, (minute - 180) / 180.0));

        AnomaliesOf(Trend, Drifts, minutes: 180).ShouldBeEmpty();
        AnomaliesOf(Trend, Drifts, minutes: 360).ShouldNotBeEmpty();
        AnomaliesOf(Statistical, Drifts, minutes: 360).ShouldBeEmpty();
    }

    [Fact]
    public void Noise_is_neither()
    {
        AnomaliesOf(Statistical, Steady, minutes: 1000).ShouldBeEmpty();
        AnomaliesOf(Trend, Steady, minutes: 1000).ShouldBeEmpty();
    }

    [Fact]
    public void A_daily_rhythm_is_usual_and_a_day_without_its_evening_is_not()
    {
        // Ten times as much in the evening as at night.
        static double Daily(int minute) => Steady(minute) * (1.1 - Math.Cos((minute - 240) / 1440.0 * 2 * Math.PI));

        AnomaliesOf(Statistical, Daily, minutes: 5 * 1440, from: 4 * 1440).ShouldBeEmpty();
        AnomaliesOf(Trend, Daily, minutes: 5 * 1440, from: 4 * 1440).ShouldBeEmpty();
        AnomaliesOf(Trend, minute => Daily(minute) * (1 + Math.Max(0, (minute - (4 * 1440) - 600) / 180.0)), 5 * 1440, 4 * 1440 + 600)
            .ShouldNotBeEmpty();
        AnomaliesOf(Statistical, minute => minute > 4 * 1440 + 900 ? Daily(240) : Daily(minute), minutes: 5 * 1440, from: 4 * 1440 + 840)
            .ShouldNotBeEmpty();
    }

    [Fact]
    public void A_gap_is_no_anomaly_and_neither_is_what_comes_after_it()
    {
        var told = AnomaliesOf(Statistical, minute => minute is >= 100 and < 130 ? null : Steady(minute), minutes: 240);

        told.ShouldBeEmpty();
        new Detector(Statistical).Judge(History(minute => minute < 100 ? Steady(minute) : null, 110, 0), At(110), Minute).ShouldBeNull();
    }

    [Fact]
    public void A_restart_is_no_anomaly()
    {
        // Nothing for two minutes, then half of a minute, then as before.
        var told = AnomaliesOf(
            Statistical, minute => minute is 100 or 101 ? null : Steady(minute) * (minute == 102 ? 0.5 : 1), minutes: 180);

        told.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_not_a_number_is_not_there() =>
        AnomaliesOf(Statistical, minute => minute % 7 == 0 ? double.NaN : Steady(minute), minutes: 180).ShouldBeEmpty();

    [Fact]
    public void A_little_past_says_nothing() =>
        new Detector(Statistical).Judge(History(minute => minute * 1000.0, 10, 0), At(10), Minute).ShouldBeNull();

    [Fact]
    public void What_never_changed_and_changes_is_told_unless_the_change_is_none()
    {
        static double? Zero(int minute) => minute >= 100 ? 0.04 : 0;

        AnomaliesOf(Statistical, Zero, minutes: 130).ShouldNotBeEmpty();
        AnomaliesOf(
            new DetectorOptions { Kind = DetectorKind.Statistical, LeastDeviation = 0.05 }, Zero, minutes: 130).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, 0.04, false)]
    [InlineData(true, 0.06, true)]
    [InlineData(false, 0.04, true)]
    [InlineData(false, 0.06, false)]
    public void A_bound_is_crossed_by_as_many_values_as_it_wants(bool isUpper, double value, bool isTold)
    {
        var (direction, other) = isUpper ? (Direction.Up, 0.0) : (Direction.Down, 1.0);
        var options = new DetectorOptions { Kind = DetectorKind.Threshold, Limit = 0.05, For = 3, Direction = direction };

        AnomaliesOf(options, minute => minute >= 10 ? value : other, minutes: 13).ShouldBe(isTold ? [12] : []);
        AnomaliesOf(options, minute => minute is 10 or 11 ? value : other, minutes: 30).ShouldBeEmpty();
    }

    /// <summary>100, more or less by a few; the same each time.</summary>
    private static double Steady(int minute) => 100 + (5 * Math.Sin(minute * 12.9898)) + (3 * Math.Sin(minute * 78.233));

    private static DetectorOptions With(DetectorOptions options, Direction direction) =>
        new() { Kind = options.Kind, For = options.For, Direction = direction };

    private static DetectorOptions With(DetectorOptions options, int values) => new() { Kind = options.Kind, For = values };

    private static DateTimeOffset At(int minute) => Noon + (Minute * minute);

    /// <summary>The minutes at which a detector says that the series is anomalous.</summary>
    private static List<int> AnomaliesOf(DetectorOptions options, Func<int, double?> series, int minutes, int from = 0) =>
    [
        .. Enumerable.Range(from, minutes - from).Where(minute =>
        {
            var history = History(series, minute, options.SeasonDays, options.Window, options.Kind == DetectorKind.Trend);
            return new Detector(options).Judge(history, At(minute), Minute) is { IsAnomalous: true };
        }),
    ];

    private static List<int> AnomaliesOf(DetectorOptions options, Func<int, double> series, int minutes, int from = 0) =>
        AnomaliesOf(options, minute => (double?)series(minute), minutes, from);

    private static SeriesHistory History(Func<int, double?> series, int now, int days, TimeSpan? window = null, bool isTrend = false)
    {
        var back = (int)(window ?? TimeSpan.FromHours(1)).TotalMinutes;
        return new SeriesHistory(
            Samples(Math.Max(0, now - back), now),
            [.. Enumerable.Range(1, days).Select(day => now - (day * 1440)).Select(then =>
                then < 0 ? [] : (IReadOnlyList<Sample>)Samples(Math.Max(0, then - (isTrend ? back : 30)), then + (isTrend ? 0 : 30)))]);

        List<Sample> Samples(int from, int until) =>
        [
            .. Enumerable.Range(from, until - from + 1).Where(minute => series(minute) is not null)
                .Select(minute => new Sample(At(minute), series(minute)!.Value)),
        ];
    }
}
