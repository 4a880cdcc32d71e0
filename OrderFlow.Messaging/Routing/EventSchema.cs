using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrderFlow.Messaging.Routing;

/// <summary>The versions of an event that a service understands: its own, and older ones as far as upcasters lead from them.</summary>
/// <param name="WireType">The event.</param>
/// <param name="Version">The version that its handler knows, the newest.</param>
/// <param name="Upcasters">The steps to it: each to the version of the next, the last to the newest.</param>
public sealed record EventSchema(string WireType, int Version, IReadOnlyList<Upcaster> Upcasters)
{
    private int Oldest => Version - Upcasters.Count;

    /// <summary>Why a version is not understood, and what to do; <see langword="null"/> when it is.</summary>
    public string? WhyUnsupported(int version, string service) =>
        version > Version
            ? $"it has version {version} of {WireType}, and {service} understands version {Version}: "
                + $"deploy a newer {service} that understands version {version}, then replay it"
        : version < Oldest
            ? $"it has version {version} of {WireType}, {service} understands version {Version}, "
                + $"and the step from version {Oldest - 1} to {Oldest} is missing: "
                + $"deploy one with .AddUpcaster<…>({Oldest - 1}, …), then replay it"
        : null;

    /// <summary>Reads a body of an older version, which is understood, as the newest.</summary>
    /// <exception cref="InvalidProtocolBufferException">The body is not what the version says.</exception>
    /// <exception cref="UpcastException">A step failed.</exception>
    public IMessage Upcast(int version, ReadOnlySpan<byte> body)
    {
        var message = Upcasters[version - Oldest].From.Parser.ParseFrom(body);
        for (; version < Version; version++)
        {
            message = Upcasters[version - Oldest].Run(message);
        }

        return message;
    }
}

/// <summary>A step from one version of an event to the next.</summary>
public sealed record Upcaster(MessageDescriptor From, MessageDescriptor To, int FromVersion, Func<IMessage, IMessage> Convert)
{
    public IMessage Run(IMessage message)
    {
        try
        {
            return Convert(message) ?? throw new InvalidOperationException("It returned null.");
        }
#pragma warning disable CA1031 // Whatever it was: the event becomes a dead letter that says so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new UpcastException(
                $"its upcaster from version {FromVersion} to {FromVersion + 1} failed: {exception.GetType().Name}: {exception.Message}",
                exception);
        }
    }
}

/// <summary>An upcaster threw.</summary>
public sealed class UpcastException(string message, Exception inner) : Exception(message, inner);
