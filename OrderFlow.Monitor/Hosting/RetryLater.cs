namespace OrderFlow.Monitor.Hosting;

/// <summary>An answer with <c>Retry-After</c>, for what is unavailable at the moment.</summary>
internal sealed class RetryLater(IResult answer) : IResult
{
    /// <summary>Of every 503 of the Monitor, in seconds.</summary>
    public const string Seconds = "5";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Seconds;
        return answer.ExecuteAsync(httpContext);
    }
}
