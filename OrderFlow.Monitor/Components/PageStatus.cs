namespace OrderFlow.Monitor.Components;

/// <summary>The status of a page.</summary>
internal static class PageStatus
{
    /// <summary>404, with the page: a status that is set while a page is rendered keeps the page back.</summary>
    public static void AnswerNotFound(this HttpContext http) => http.Response.OnStarting(() =>
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });
}
