using System.Data.Common;

namespace OrderFlow.Monitor.Storage;

/// <summary>Recognises the errors of a database that does not answer.</summary>
internal static class StorageFault
{
    /// <summary>Whether the database does not answer at the moment: it is worth trying again later.</summary>
    public static bool IsUnavailable(Exception? exception) => exception is DbException or TimeoutException;
}
