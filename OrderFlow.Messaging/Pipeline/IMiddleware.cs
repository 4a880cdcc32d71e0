namespace OrderFlow.Messaging.Pipeline;

/// <summary>One step of the pipeline: works before and after the rest of it, or ends the way.</summary>
internal interface IMiddleware
{
    /// <param name="context">The delivery.</param>
    /// <param name="next">The rest of the pipeline.</param>
    Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next);
}
