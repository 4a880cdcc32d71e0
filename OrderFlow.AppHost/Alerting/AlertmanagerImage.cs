namespace OrderFlow.AppHost.Alerting;

internal static class AlertmanagerImage
{
    public const string Image = "prom/alertmanager";

    public const string Tag = "v0.28.1";
}
