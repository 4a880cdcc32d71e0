using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OrderFlow.ServiceDefaults.Startup;

namespace OrderFlow.ServiceDefaults;

/// <summary>How every service begins.</summary>
public static class ServiceApplication
{
    /// <summary>
    /// <see cref="WebApplication.CreateBuilder(string[])"/>, with one difference: a wrong setting ends the process with exit code 1 and
    /// one line on stderr that names it and says how to set it. Every other failure keeps its stack trace.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        WrongSetting.EndsTheProcessInOneLine();
        var builder = WebApplication.CreateBuilder(args);
        // Of a start that fails the host writes the stack trace first. It throws the same exception to Main, so nothing is lost without
        // it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        return builder;
    }
}
