namespace OrderFlow.Monitor.DeadLetters;

/// <summary>Who requested a decision, as far as one token for all can show.</summary>
/// <param name="Holder">How the token was sent: <c>bearer</c>, or <c>session</c> for the cookie of a login.</param>
/// <param name="Peer">The address that the request came from.</param>
internal sealed record Requester(string Holder, string? Peer)
{
    public static Requester Of(HttpContext http) =>
        new(http.Request.Headers.Authorization.Count > 0 ? "bearer" : "session", http.Connection.RemoteIpAddress?.ToString());
}
