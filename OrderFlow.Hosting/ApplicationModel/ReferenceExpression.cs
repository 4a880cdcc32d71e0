using System.Runtime.CompilerServices;
using System.Text;

namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>A text with values in it that are known only when the application runs: <c>ReferenceExpression.Create($"amqp://{user}@{host}")</c>.</summary>
public sealed class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    private readonly IReadOnlyList<Part> _parts;

    private ReferenceExpression(IReadOnlyList<Part> parts) => _parts = parts;

    public string ValueExpression => string.Concat(_parts.Select(part => part.Literal ?? (part.Value as IManifestExpressionProvider)?.ValueExpression));

    IEnumerable<object> IValueWithReferences.References => _parts.Select(part => part.Value).OfType<object>();

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => new(handler.Parts);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            var value = part.Value is null ? part.Literal : await part.Value.GetValueAsync(context, cancellationToken);
            text.Append(Formatted(value, part.Format));
        }

        return text.ToString();
    }

    private static string? Formatted(string? value, string? format) => format switch
    {
        null => value,
        "uri" => Uri.EscapeDataString(value ?? ""),
        _ => throw new FormatException($"Format '{format}' is unknown in a reference expression; there is only 'uri'."),
    };

    internal readonly record struct Part(string? Literal, IValueProvider? Value, string? Format);

    /// <summary>What the compiler calls for an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler
    {
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
        {
            _ = literalLength;
            Parts = new(2 * formattedCount + 1);
        }

        internal List<Part> Parts { get; }

        public void AppendLiteral(string value) => Parts.Add(new(value, null, null));

        public void AppendFormatted(string? value, string? format = null) => Parts.Add(new(value, null, format));

        public void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => Parts.Add(new(null, valueProvider, format));

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => Parts.Add(new(null, valueProvider.Resource, format));
    }
}
