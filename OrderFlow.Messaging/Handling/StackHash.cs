using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace OrderFlow.Messaging.Handling;

/// <summary>The same for exceptions that came the same way through the code, whatever their messages and line numbers.</summary>
internal static class StackHash
{
    public static string Of(Exception exception)
    {
        var way = new StringBuilder();
        for (Exception? current = exception; current is not null; current = current.InnerException)
        {
            way.Append(current.GetType().FullName).Append('\n');
            foreach (var frame in new StackTrace(current, fNeedFileInfo: false).GetFrames())
            {
                var method = DiagnosticMethodInfo.Create(frame);
                way.Append(method?.DeclaringTypeName).Append('.').Append(method?.Name).Append('\n');
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(way.ToString())).AsSpan(0, 8));
    }
}
