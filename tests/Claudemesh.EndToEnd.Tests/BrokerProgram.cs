using System.Diagnostics;
using System.Text;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>The published broker as a process, with a data folder of its own; may be killed and started again on its port.</summary>
internal sealed class BrokerProgram : IAsyncDisposable
{
    private readonly StringBuilder log = new();
    private readonly HeldPort port = new();
    private readonly string? trace;
    private readonly string[] flags;
    private readonly TestPostgres? server = TestPostgres.IsEverywhere ? TestPostgres.CreateSchema() : null;
    private Process? process;

    private BrokerProgram(string? trace, string? dataFolder, string[] flags)
    {
        this.trace = trace;
        this.flags = flags;
        DataFolder = dataFolder ?? Directory.CreateTempSubdirectory("cm-broker-").FullName;
    }

    public string DataFolder { get; }

    public Uri Url => port.Url;

    public int ProcessId => process!.Id;

    public string Log
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <param name="trace">Where <c>strace</c> is to write the calls that matter for durability; null: it runs by itself.</param>
    /// <param name="dataFolder">Where its data is, if it is to be in a certain place.</param>
    /// <param name="flags">Further flags of the broker.</param>
    public static async Task<BrokerProgram> StartAsync(string? trace = null, string? dataFolder = null, params string[] flags)
    {
        BrokerProgram broker = new(trace, dataFolder, flags);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <param name="environment">What it finds in its environment beside what is there.</param>
    public async Task StartAgainAsync(params (string Name, string Value)[] environment)
    {
        string[] arguments = ["--listen", Url.ToString().TrimEnd('/'), "--data", DataFolder, "--verbose", .. flags];
        ProcessStartInfo start = trace is null
            ? new ProcessStartInfo(Programs.Find("claudemesh-broker"), arguments)
            : new ProcessStartInfo("strace", ["-f", "-q", "-s", "96", "-e", "trace=fsync,fdatasync,sendmsg,sendto,recvmsg,recvfrom,read,write,writev", "-o", trace, Programs.Find("claudemesh-broker"), .. arguments]);
        if (server is not null)
            start.Environment["CLAUDEMESH_DATABASE"] = server.Url;

        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using HttpClient http = new();
        await Eventually.IsAsync("the broker is ready", async () =>
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The broker ended with {process.ExitCode}: {Log}");

            try
            {
                return (await http.GetAsync(new Uri(Url, "/health/ready"))).IsSuccessStatusCode ? "ready" : null;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        });
    }

    /// <summary>SIGKILL: the process gets no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        process!.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Everything that it has written down, wherever that is.</summary>
    public byte[] ReadKept() => server is null ? Programs.ReadAll(DataFolder) : Encoding.UTF8.GetBytes(server.ReadAll());

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await KillAsync();

        port.Dispose();
        server?.Dispose();
        if (Directory.Exists(DataFolder))
            Directory.Delete(DataFolder, recursive: true);
    }

    private void Append(string? line)
    {
        lock (log)
            log.AppendLine(line);
    }
}
