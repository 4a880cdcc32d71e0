namespace OrderFlow.Monitor.Traces;

/// <summary>A trace id between its two forms.</summary>
internal static class TraceId
{
    private const int Digits = 32;

    /// <returns><see langword="null"/> for what is none.</returns>
    public static byte[]? Parse(string? text) =>
        text?.Length == Digits && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;

    /// <summary>The trace id of a <c>traceparent</c>, or <see langword="null"/>.</summary>
    public static string? OfTraceParent(string? traceParent) => traceParent?.Split('-') is [_, { Length: Digits } id, _, ..] ? id : null;

    public static string? Hex(byte[]? id) => id is null ? null : Convert.ToHexStringLower(id);
}
