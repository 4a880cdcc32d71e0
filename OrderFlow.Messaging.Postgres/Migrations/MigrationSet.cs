using System.Globalization;
using System.Reflection;

namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>The migrations of one part of a database, in order. Parts are upgraded independently of one another.</summary>
public sealed class MigrationSet
{
    /// <summary>Takes the migrations of <paramref name="scope"/> in their order.</summary>
    /// <exception cref="ArgumentException">The versions do not rise, or a name is missing.</exception>
    public MigrationSet(string scope, IReadOnlyList<Migration> migrations)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        ArgumentNullException.ThrowIfNull(migrations);
        (Scope, Migrations) = (scope, migrations);
        foreach (var (earlier, later) in migrations.Zip(migrations.Skip(1)))
        {
            if (later.Version <= earlier.Version)
            {
                throw new ArgumentException(
                    $"The migrations of '{scope}' are out of order: {later} follows {earlier}. Give each a version of its own, rising.",
                    nameof(migrations));
            }
        }
    }

    /// <summary>Whose tables these are, such as <c>orders</c>; part of the key under which applied migrations are recorded.</summary>
    public string Scope { get; }

    public IReadOnlyList<Migration> Migrations { get; }

    /// <summary>Reads embedded resources named <c>0001-what-it-does.sql</c>.</summary>
    /// <param name="scope">See <see cref="Scope"/>.</param>
    /// <param name="assembly">Where the resources are embedded.</param>
    /// <param name="folder">What their names begin with, such as <c>OrderFlow.OrderService.Storage.</c></param>
    /// <exception cref="InvalidOperationException">There are none, or one has another name.</exception>
    public static MigrationSet FromResources(string scope, Assembly assembly, string folder)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var migrations = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => Read(assembly, name, name[folder.Length..^".sql".Length]))
            .OrderBy(migration => migration.Version)
            .ToList();
        return migrations.Count > 0
            ? new MigrationSet(scope, migrations)
            : throw new InvalidOperationException(
                $"{assembly.GetName().Name} has no migration under '{folder}'. "
                + "Embed them: <EmbeddedResource Include=\"…/*.sql\" /> in its project file.");
    }

    private static Migration Read(Assembly assembly, string resource, string fileName)
    {
        if (fileName.Split('-', 2) is not [var number, { Length: > 0 } name]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw new InvalidOperationException(
                $"The migration '{resource}' needs a version and a name, such as 0001-orders.sql, not '{fileName}.sql'.");
        }

        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(version, name, reader.ReadToEnd());
    }
}
