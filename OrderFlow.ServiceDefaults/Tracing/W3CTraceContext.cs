using System.Buffers;
using System.Diagnostics;
using System.Globalization;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Reads and writes trace context as the W3C defines it (www.w3.org/TR/trace-context-2), in HTTP headers and in the headers of messages.
/// .NET's own propagator begins a new trace for every version but 00, and cuts <c>tracestate</c> at 256 characters; baggage is left to it.
/// </summary>
internal sealed class W3CTraceContext : DistributedContextPropagator
{
    private const string TraceParentHeader = "traceparent";
    private const string TraceStateHeader = "tracestate";

    private const int Length = 55;
    private const int MostMembers = 32;
    private const int LongestKey = 256;
    private const int LongestValue = 256;

    /// <summary>Characters of a member that goes first when the whole is too long.</summary>
    private const int LongMember = 128;

    /// <summary>Characters of <c>tracestate</c> that are passed on: as many as the standard asks for.</summary>
    private const int LongestState = 512;

    private static readonly SearchValues<char> HexOrDash = SearchValues.Create("0123456789abcdef-");
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-*/@");

    private readonly DistributedContextPropagator _runtime = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields => _runtime.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is null || setter is null)
        {
            return;
        }

        _runtime.Inject(activity, carrier, (target, name, value) =>
        {
            if (name != TraceStateHeader)
            {
                setter(target, name, value);
            }
        });
        if (activity.IdFormat == ActivityIdFormat.W3C && TraceState(activity.TraceStateString) is { } state)
        {
            setter(carrier, TraceStateHeader, state);
        }
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        traceId = TraceParent(Read(carrier, TraceParentHeader, getter));
        traceState = traceId is null ? null : TraceState(Read(carrier, TraceStateHeader, getter));
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        _runtime.ExtractBaggage(carrier, getter);

    /// <summary>
    /// The header in version 00, whatever version it came in; <see langword="null"/> when it cannot be read. Of a later version those
    /// fields are used that are known, and of its flags <c>sampled</c> alone.
    /// </summary>
    public static string? TraceParent(string? header)
    {
        if (header is not { Length: >= Length } || header.AsSpan(0, Length).ContainsAnyExcept(HexOrDash) || !IsOfIds(header))
        {
            return null;
        }

        return header.AsSpan(0, 2) switch
        {
            "00" => header.Length == Length ? header : null,
            "ff" => null,
            _ when header.Length > Length && header[Length] != '-' => null,
            _ => $"00{header.AsSpan(2, Length - 4)}{(Flags(header) & 1):x2}",
        };
    }

    /// <summary>
    /// The list as it is passed on: without empty members, and no longer than the standard asks for. Of one that is too long, members
    /// above 128 characters go first, then those at the end. <see langword="null"/> when there is none, or one that the standard does not
    /// allow: then the trace goes on without.
    /// </summary>
    public static string? TraceState(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return null;
        }

        var members = new List<string>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in header.Split(','))
        {
            var member = part.Trim(' ', '\t');
            if (member.Length == 0)
            {
                continue;
            }

            var equals = member.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !IsKey(member.AsSpan(0, equals)) || !IsValue(member.AsSpan(equals + 1)) || members.Count == MostMembers)
            {
                return null;
            }

            // The first of a key is the latest.
            if (keys.Add(member[..equals]))
            {
                members.Add(member);
            }
        }

        Shorten(members);
        return members.Count == 0 ? null : string.Join(',', members);
    }

    private static void Shorten(List<string> members)
    {
        var length = members.Sum(member => member.Length + 1) - 1;
        while (length > LongestState)
        {
            var last = members.FindLastIndex(member => member.Length > LongMember) is var found and >= 0 ? found : members.Count - 1;
            length -= members[last].Length + 1;
            members.RemoveAt(last);
        }
    }

    private static bool IsOfIds(string header) =>
        header[2] == '-' && header[35] == '-' && header[52] == '-'
        && !header.AsSpan(0, 2).Contains('-') && IsId(header.AsSpan(3, 32)) && IsId(header.AsSpan(36, 16))
        && !header.AsSpan(53, 2).Contains('-');

    private static bool IsId(ReadOnlySpan<char> id) => !id.Contains('-') && id.ContainsAnyExcept('0');

    private static byte Flags(string header) =>
        byte.Parse(header.AsSpan(53, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static bool IsKey(ReadOnlySpan<char> key) =>
        key.Length is >= 1 and <= LongestKey
        && (char.IsAsciiLetterLower(key[0]) || char.IsAsciiDigit(key[0]))
        && !key.ContainsAnyExcept(KeyCharacters);

    private static bool IsValue(ReadOnlySpan<char> value) =>
        value.Length is >= 1 and <= LongestValue && !value.ContainsAnyExceptInRange(' ', '~') && !value.Contains('=');

    /// <summary>One value; several headers of a name are one list.</summary>
    private static string? Read(object? carrier, string name, PropagatorGetterCallback? getter)
    {
        if (getter is null)
        {
            return null;
        }

        getter(carrier, name, out var value, out var values);
        return value ?? (values is null ? null : string.Join(',', values));
    }
}
