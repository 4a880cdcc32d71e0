using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>
/// A PostgreSQL server of the test's own, in a process group of its own. A small shell keeps it: whatever ends the test
/// process closes the shell's input, and then the shell ends the server and removes its files.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Keeper = """
        trap '' INT TERM
        child=
        while read -r command; do
            case $command in
                start) setsid "$1" </dev/null >>"$NODE_DIRECTORY/log" 2>&1 & child=$! ;;
                freeze) kill -s STOP "$child" $(ps -o pid= --ppid "$child"); echo done ;;
                thaw) kill -s CONT "$child" $(ps -o pid= --ppid "$child"); echo done ;;
                kill) kill -s KILL "$child" $(ps -o pid= --ppid "$child"); wait "$child"
                    # No server starts while a session of the last one still holds its memory; each works in the cluster's directory.
                    while ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -qF -- "-> $NODE_DIRECTORY/"; do sleep 0.02; done
                    echo done ;;
            esac
        done
        kill -s QUIT -- "-$child"
        (sleep 5; kill -s KILL -- "-$child") >/dev/null 2>&1 & last_resort=$!
        wait "$child"
        kill "$last_resort"
        rm -rf "$NODE_DIRECTORY"
        """;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orderflow-postgres-");
    private readonly string _password = Guid.NewGuid().ToString("N");
    private readonly int _port = FreePorts.Next();
    private readonly Process _keeper;

    public PostgresServer()
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", Keeper, "keeper", Script() },
        };
        start.Environment["NODE_DIRECTORY"] = _directory.FullName;
        start.Environment["NODE_USER"] = "test";
        start.Environment["NODE_PASSWORD"] = _password;
        start.Environment["NODE_PORT"] = _port.ToString();
        _keeper = Process.Start(start)!;
        _keeper.ErrorDataReceived += (_, _) => { };
        _keeper.BeginErrorReadLine();
    }

    public static async Task<PostgresServer> StartNewAsync()
    {
        var server = new PostgresServer();
        await server.StartAsync();
        return server;
    }

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = "test",
        Password = _password,
        Database = database,
        Timeout = 5,
    }.ConnectionString;

    /// <summary>Starts the server and waits until it lets one log in.</summary>
    public async Task StartAsync()
    {
        await _keeper.StandardInput.WriteLineAsync("start");
        await _keeper.StandardInput.FlushAsync();
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Pooling = false });
        try
        {
            await Polling.UntilAsync(() => "the server answers", async () =>
            {
                try
                {
                    await using var connection = await database.OpenConnectionAsync();
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            }, StartTimeout);
        }
        catch (TimeoutException exception)
        {
            var log = Path.Combine(_directory.FullName, "log");
            throw new InvalidOperationException(
                $"PostgreSQL did not start within {StartTimeout}: {(File.Exists(log) ? await File.ReadAllTextAsync(log) : "no log")}",
                exception);
        }
    }

    /// <summary>Ends the server and all its sessions with SIGKILL, as a power cut does.</summary>
    public Task KillAsync() => CommandAsync("kill");

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public Task FreezeAsync() => CommandAsync("freeze");

    public Task ThawAsync() => CommandAsync("thaw");

    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var server = new TestDatabase(ConnectionString("postgres"));
        await server.ExecuteAsync($"CREATE DATABASE {name}");
        return new TestDatabase(ConnectionString(name));
    }

    /// <summary>What the server has said so far.</summary>
    public Task<string> LogAsync() => File.ReadAllTextAsync(Path.Combine(_directory.FullName, "log"));

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
    }

    private async Task CommandAsync(string command)
    {
        await _keeper.StandardInput.WriteLineAsync(command);
        await _keeper.StandardInput.FlushAsync();
        await _keeper.StandardOutput.ReadLineAsync().WaitAsync(StartTimeout);
    }

    private static string Script([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../OrderFlow.AppHost/Postgres/postgres-node.sh"));
}
