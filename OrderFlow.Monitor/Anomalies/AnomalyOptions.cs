using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Monitor.Anomalies;

/// <summary>What is watched for anomalies; configuration section <c>Anomalies</c>, in <c>appsettings.json</c>.</summary>
internal sealed class AnomalyOptions
{
    public const string Section = "Anomalies";

    /// <summary>How often it is looked, and the distance of two values. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What looks at what; a name each.</summary>
    [ValidateEnumeratedItems]
    public IList<DetectorOptions> Detectors { get; set; } = [];
}

/// <summary>How a series is judged.</summary>
internal enum DetectorKind
{
    /// <summary>By its distance from the median of what is usual, in robust standard deviations: for steps and spikes.</summary>
    Statistical,

    /// <summary>By a bound.</summary>
    Threshold,

    /// <summary>By its slope over time: for what creeps.</summary>
    Trend,
}

/// <summary>Which way a value is wrong.</summary>
internal enum Direction
{
    Both,
    Up,
    Down,
}

/// <summary>A detector: a question to Prometheus, and how each series of the answer is judged.</summary>
internal sealed class DetectorOptions
{
    /// <summary>Its name, in metrics and on the page.</summary>
    [Required, RegularExpression("^[a-z0-9-]{1,60}$")]
    public string Name { get; set; } = "";

    /// <summary>What it looks at, in words.</summary>
    [Required]
    public string Title { get; set; } = "";

    /// <summary>The question, in PromQL; each series of its answer is judged by itself.</summary>
    [Required]
    public string Query { get; set; } = "";

    /// <summary>The unit of its values: <c>s</c>, <c>ratio</c>, <c>/s</c> or a currency's.</summary>
    public string Unit { get; set; } = "";

    public DetectorKind Kind { get; set; }

    public Direction Direction { get; set; }

    /// <summary>
    /// How far a value may be: in robust standard deviations (statistical), in its own unit (threshold), as a share of the median by which
    /// it changes over the window (trend). Default 6.
    /// </summary>
    [Range(0.000_001, 1_000_000_000)]
    public double Limit { get; set; } = 6;

    /// <summary>How many values in a row must be wrong. Default 2.</summary>
    [Range(1, 1000)]
    public int For { get; set; } = 2;

    /// <summary>What is looked back on. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// For a statistical one and a trend, days before whose same time of day says what is usual, as soon as there are three. Default 7;
    /// 0: only the window.
    /// </summary>
    [Range(0, 14)]
    public int SeasonDays { get; set; } = 7;

    /// <summary>Values without which nothing is judged. Default 20.</summary>
    [Range(3, 10_000)]
    public int LeastValues { get; set; } = 20;

    /// <summary>For a statistical one, a deviation that is none, as a share of the median. Default 0.1.</summary>
    [Range(0.0, 10.0)]
    public double LeastShare { get; set; } = 0.1;

    /// <summary>The same in the values' own unit. Default 0.</summary>
    [Range(0.0, 1_000_000_000)]
    public double LeastDeviation { get; set; }
}

[OptionsValidator]
internal sealed partial class AnomalyOptionsValidator : IValidateOptions<AnomalyOptions>;
