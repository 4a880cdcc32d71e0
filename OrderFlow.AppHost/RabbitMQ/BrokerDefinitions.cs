using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>
/// The broker's users and permissions as it reads them whenever it starts, so that one whose data is gone has them again.
/// Of passwords there are only hashes in it.
/// </summary>
internal sealed class BrokerDefinitions(
    ParameterResource administrator, ParameterResource password, IReadOnlyList<(BrokerUser User, ParameterResource Password)> services)
{
    public async Task<string> WriteAsync(CancellationToken cancellationToken)
    {
        var name = await administrator.GetValueAsync(cancellationToken) ?? "";
        var everything = new BrokerUser(name, Configure: ".*", Write: ".*", Read: ".*");
        List<(BrokerUser User, string Password, string Tag)> users =
            [(everything, await password.GetValueAsync(cancellationToken) ?? "", "administrator")];
        foreach (var (user, secret) in services)
        {
            // The tag lets a service ask the management API; what it may see there are its permissions' business.
            users.Add((user, await secret.GetValueAsync(cancellationToken) ?? "", "management"));
        }

        return Write(users);
    }

    public static string Write(IReadOnlyList<(BrokerUser User, string Password, string Tag)> users) => JsonSerializer.Serialize(new
    {
        users = users.Select(entry => new
        {
            name = entry.User.Service,
            password_hash = Hash(entry.Password),
            hashing_algorithm = "rabbit_password_hashing_sha256",
            tags = entry.Tag,
        }),
        vhosts = new[] { new { name = "/" } },
        permissions = users.Select(entry => new
        {
            user = entry.User.Service,
            vhost = "/",
            configure = entry.User.Configure,
            write = entry.User.Write,
            read = entry.User.Read,
        }),
    });

    /// <summary>As RabbitMQ keeps passwords: four random bytes, and the SHA-256 of these and the password, in base 64.</summary>
    private static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }
}
