using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// The same for exceptions that came the same way through the code, whatever their messages and line numbers. The way is its asynchronous
/// methods: these are always in a stack trace, while others come and go as the compiler inlines them, a thousand calls later.
/// </summary>
internal static class StackHash
{
    public static string Of(Exception exception)
    {
        var way = new StringBuilder();
        for (Exception? current = exception; current is not null; current = current.InnerException)
        {
            way.Append(current.GetType().FullName).Append('\n');
            foreach (var method in WayOf(current))
            {
                way.Append(method.DeclaringTypeName).Append('.').Append(method.Name).Append('\n');
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(way.ToString())).AsSpan(0, 8));
    }

    private static List<DiagnosticMethodInfo> WayOf(Exception exception)
    {
        var methods = new StackTrace(exception, fNeedFileInfo: false)
            .GetFrames()
            .Select(DiagnosticMethodInfo.Create)
            .OfType<DiagnosticMethodInfo>()
            .ToList();
        var asynchronous = methods.Where(method => method.Name == "MoveNext").ToList();
        return asynchronous.Count > 0 ? asynchronous : methods;
    }
}
