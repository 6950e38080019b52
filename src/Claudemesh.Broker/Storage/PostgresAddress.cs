using System.Globalization;
using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>Where a PostgreSQL database is and as whom to use it: <c>postgres://user:password@host:port/name?sslmode=…</c>.</summary>
public sealed class PostgresAddress
{
    private const int DefaultPort = 5432;
    private const string Example = "postgres://user:password@host:5432/name?sslmode=require";

    private readonly NpgsqlConnectionStringBuilder parts;

    private PostgresAddress(NpgsqlConnectionStringBuilder parts) => this.parts = parts;

    /// <summary>For Npgsql. Holds the password.</summary>
    internal string ConnectionString => parts.ConnectionString;

    internal string Server => parts.Host!.StartsWith('/')
        ? parts.Host
        : string.Create(CultureInfo.InvariantCulture, $"{parts.Host}:{parts.Port}");

    internal string User => parts.Username ?? Environment.UserName;

    internal string Name => parts.Database!;

    /// <exception cref="DatabaseOpenException">The text is no such address; the message tells why without repeating it.</exception>
    public static PostgresAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url))
            throw Wrong("is not a URL; what a name or a password has besides letters and digits is written as %XX");

        if (url.Scheme is not ("postgres" or "postgresql"))
            throw Wrong("does not begin with postgres://; leave it out for the embedded database");

        if (url.Host.Length == 0)
            throw Wrong("names no host");

        string name = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal))
            throw Wrong("names no database behind the host");

        string[] login = url.UserInfo.Split(':', 2);
        NpgsqlConnectionStringBuilder address = new()
        {
            Host = url.Host.Trim('[', ']'),
            Port = url.IsDefaultPort || url.Port <= 0 ? DefaultPort : url.Port,
            Database = name,
            Username = login[0].Length == 0 ? null : Uri.UnescapeDataString(login[0]),
            Password = login.Length < 2 ? null : Uri.UnescapeDataString(login[1]),
            ApplicationName = "claudemesh-broker",
            Timeout = 5,
            Pooling = false,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
        };
        foreach (string option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            Set(address, option);

        return new PostgresAddress(address);
    }

    /// <summary>Without the password, for logs and messages.</summary>
    public override string ToString() => parts.Host!.StartsWith('/')
        ? $"postgres://{User}@localhost/{Name}?host={parts.Host}"
        : $"postgres://{User}@{Server}/{Name}";

    private static void Set(NpgsqlConnectionStringBuilder address, string option)
    {
        string[] pair = option.Split('=', 2);
        string value = pair.Length < 2 ? "" : Uri.UnescapeDataString(pair[1]);
        switch (pair[0])
        {
            case "sslmode":
                address.SslMode = value switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw Wrong("has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full"),
                };
                break;
            case "sslrootcert":
                address.RootCertificate = value;
                break;
            case "sslcert":
                address.SslCertificate = value;
                break;
            case "sslkey":
                address.SslKey = value;
                break;
            case "application_name":
                address.ApplicationName = value;
                break;
            case "search_path":
                address.SearchPath = value;
                break;
            case "host" when value.StartsWith('/'):
                address.Host = value;
                break;
            case "connect_timeout" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 1024:
                address.Timeout = seconds;
                break;
            default:
                throw Wrong("has an option that is unknown or has no good value; known are sslmode, sslrootcert, sslcert, sslkey, "
                    + "application_name, connect_timeout, search_path and host (the folder of a unix socket)");
        }
    }

    private static DatabaseOpenException Wrong(string why) =>
        new(DatabaseFault.Address, $"The address of the database {why}. Give one like {Example}");
}
