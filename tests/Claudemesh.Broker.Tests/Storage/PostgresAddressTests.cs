using Claudemesh.Broker.Storage;
using Npgsql;

namespace Claudemesh.Broker.Tests.Storage;

public sealed class PostgresAddressTests
{
    [Fact]
    public void Every_part_of_an_address_is_understood()
    {
        PostgresAddress address = PostgresAddress.Parse(
            "postgres://mesh%40work:p%3Aass%2Fw%20rd@db.example:6543/claude%2Dmesh?sslmode=verify-full&sslrootcert=%2Fca.pem&connect_timeout=7&search_path=mesh");
        NpgsqlConnectionStringBuilder parts = new(address.ConnectionString);

        Assert.Equal(("db.example", 6543, "claude-mesh", "mesh@work", "p:ass/w rd"), (parts.Host, parts.Port, parts.Database, parts.Username, parts.Password));
        Assert.Equal((SslMode.VerifyFull, "/ca.pem", 7, "mesh"), (parts.SslMode, parts.RootCertificate, parts.Timeout, parts.SearchPath));
    }

    [Theory]
    [InlineData("postgresql://me@localhost/mesh", "localhost", 5432)]
    [InlineData("postgres://me@localhost/mesh?host=/run/postgresql", "/run/postgresql", 5432)]
    [InlineData("postgres://me@[::1]:5433/mesh", "::1", 5433)]
    public void Usual_forms_are_understood(string text, string host, int port)
    {
        NpgsqlConnectionStringBuilder parts = new(PostgresAddress.Parse(text).ConnectionString);

        Assert.Equal((host, port, "mesh"), (parts.Host, parts.Port, parts.Database));
    }

    [Theory]
    [InlineData("Host=db;Password=hush", "is not a URL")]
    [InlineData("mysql://me:hush@db/mesh", "does not begin with postgres://")]
    [InlineData("postgres:///mesh", "names no host")]
    [InlineData("postgres://me:hush@db", "names no database")]
    [InlineData("postgres://me:hush@db/", "names no database")]
    [InlineData("postgres://me:hush@db/a/b", "names no database")]
    [InlineData("postgres://me:hush@db:port/mesh", "is not a URL")]
    [InlineData("postgres://me:hush@db/mesh?sslmode=maybe", "sslmode")]
    [InlineData("postgres://me:hush@db/mesh?ssl=hush", "option")]
    [InlineData("postgres://me:hush@db/mesh?connect_timeout=soon", "option")]
    public void A_mistake_is_named_and_the_password_is_not(string text, string named)
    {
        DatabaseOpenException refusal = Assert.Throws<DatabaseOpenException>(() => PostgresAddress.Parse(text));

        Assert.Equal(DatabaseFault.Address, refusal.Fault);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_in_words_has_no_password()
    {
        BrokerSettings settings = new() { DataFolder = "data", Database = PostgresAddress.Parse("postgres://me:hush@db/mesh") };

        Assert.Contains("postgres://me@db:5432/mesh", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", settings.ToString(), StringComparison.Ordinal);
    }
}
