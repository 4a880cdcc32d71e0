using System.Security.Cryptography;
using System.Text;

namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>One step of a schema. Once applied anywhere it never changes; what it got wrong, a later one puts right.</summary>
/// <param name="Version">Its place in the order, from 1.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Sql">Statements that run in one transaction, so none that PostgreSQL refuses there (<c>CREATE INDEX
/// CONCURRENTLY</c>).</param>
public sealed record Migration(int Version, string Name, string Sql)
{
    /// <summary>Identifies the text, to find an applied migration that was changed; line ends do not count.</summary>
    public string Checksum =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    public override string ToString() => $"{Version:0000}-{Name}";
}
