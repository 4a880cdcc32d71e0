namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>A trace as it is stored, or what came of it after it was stored.</summary>
/// <param name="TraceId">Its id, 16 bytes.</param>
/// <param name="StartedAt">When its first span began.</param>
/// <param name="EndedAt">When its last span ended.</param>
/// <param name="Spans">How many.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="Services">Every service in it.</param>
/// <param name="Service">The service of its first span.</param>
/// <param name="Name">The name of its first span.</param>
/// <param name="Operations">What it can be found by, see <see cref="OperationHash"/>.</param>
/// <param name="LinkedTraces">The traces that its spans continue.</param>
/// <param name="Weight">How many traces it stands for, see <see cref="TailSampler.Choose"/>.</param>
/// <param name="Data">The spans, see <see cref="StoredSpans"/>.</param>
internal sealed record TraceRow(
    byte[] TraceId, DateTime StartedAt, DateTime EndedAt, int Spans, int Errors, string[] Services, string Service, string Name,
    int[] Operations, byte[][]? LinkedTraces, float Weight, byte[] Data);
