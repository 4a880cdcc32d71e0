namespace OrderFlow.Monitor.Hosting;

/// <summary>The problem details that several endpoints of the API answer with.</summary>
internal static class ApiProblem
{
    /// <summary>404 for what is not stored.</summary>
    /// <param name="what">What was asked for, such as <c>Order 42</c>.</param>
    public static IResult NotStored(string what) => TypedResults.Problem(
        type: "urn:orderflow:problem:unknown",
        statusCode: StatusCodes.Status404NotFound,
        detail: $"{what} is not stored here. What was published just now may take a moment to arrive; what is older than the "
            + "retention is gone.");

    /// <summary>400 for a query or a body with wrong parameters, each with what is wrong about it.</summary>
    public static IResult InvalidQuery(IReadOnlyDictionary<string, string[]> errors) => TypedResults.ValidationProblem(
        errors.ToDictionary(StringComparer.Ordinal),
        type: "urn:orderflow:problem:invalid-query",
        detail: "The query cannot be read; errors names each parameter that is wrong.");

    /// <summary>400 for one wrong parameter.</summary>
    public static IResult InvalidQuery(string parameter, string problem) =>
        InvalidQuery(new Dictionary<string, string[]>(StringComparer.Ordinal) { [parameter] = [problem] });

    /// <summary>404 for a path below <c>/api</c> that has no endpoint.</summary>
    public static IResult NoSuchPath(string? path) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, detail: $"There is no /api/{path}. docs/monitor-api.md lists what there is.");
}
