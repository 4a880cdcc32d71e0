using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>What the lines of a family begin with.</summary>
internal sealed class SampleNames(string family, FamilyKind kind)
{
    public byte[] Value { get; } = Encoding.UTF8.GetBytes(kind == FamilyKind.Counter ? family + MetricName.Total : family);

    public byte[] Bucket { get; } = Encoding.UTF8.GetBytes(family + "_bucket");

    public byte[] Sum { get; } = Encoding.UTF8.GetBytes(family + "_sum");

    public byte[] Count { get; } = Encoding.UTF8.GetBytes(family + "_count");
}
