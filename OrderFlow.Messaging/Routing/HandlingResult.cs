namespace OrderFlow.Messaging.Routing;

/// <summary>How a handler that did not throw ended.</summary>
public enum HandlingResult
{
    /// <summary>The event has its effect.</summary>
    Handled,

    /// <summary>It had its effect already, by an earlier delivery; this one had none.</summary>
    Duplicate,
}
