namespace OrderFlow.Gateway.ClaimKey;

/// <summary>Logs once that OrderService does not answer about keys, and once that it does again.</summary>
internal sealed class ServiceSilence(ILogger<ServiceSilence> logger)
{
    private int _silent;

    public void Began(string why)
    {
        if (Interlocked.Exchange(ref _silent, 1) == 0)
        {
            Log.KeysNotCompared(logger, why);
        }
    }

    public void Ended()
    {
        if (Volatile.Read(ref _silent) == 1 && Interlocked.Exchange(ref _silent, 0) == 1)
        {
            Log.KeysComparedAgain(logger);
        }
    }
}
